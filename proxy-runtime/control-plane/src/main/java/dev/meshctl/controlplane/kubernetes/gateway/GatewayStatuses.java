package dev.meshctl.controlplane.kubernetes.gateway;

import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.model.resource.GatewayClass;
import dev.meshctl.model.status.ObjectStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Merges what we say of an object of the Gateway API into what the cluster holds of it: conditions
 * that did not change keep their time, and what other controllers say stays. Pure.
 *
 * <p>Source: the Gateway API's types {@code GatewayStatus}, {@code RouteStatus} and {@code
 * PolicyStatus}; {@code metav1.Condition}.
 */
public final class GatewayStatuses {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private GatewayStatuses() {}

  /**
   * The object with our status.
   *
   * @param held as the cluster has it
   * @return empty where nothing would change
   */
  public static Optional<ClusterObject> merged(ClusterObject held, ObjectStatus said, Instant now) {
    ObjectNode ours = JSON.valueToTree(said.document());
    ObjectNode tree = held.tree().deepCopy();
    ObjectNode status =
        tree.path("status") instanceof ObjectNode written ? written : tree.putObject("status");
    ObjectNode before = status.deepCopy();
    long generation = tree.path("metadata").path("generation").asLong(0);
    Merge merge = new Merge(generation, now.truncatedTo(ChronoUnit.SECONDS).toString());
    ours.forEachEntry((field, value) -> {
      JsonNode old = before.path(field);
      switch (field) {
        case "conditions" -> status.set(field, merge.conditions(old, value));
        case "listeners" -> status.set(field, merge.parts(old, value, "name"));
        case "parents", "ancestors" -> status.set(field, merge.ofControllers(old, value));
        default -> status.set(field, value);
      }
    });
    return status.equals(before) ? Optional.empty() : Optional.of(new ClusterObject(tree));
  }

  private record Merge(long generation, String now) {
    ArrayNode conditions(JsonNode before, JsonNode ours) {
      ArrayNode merged = JsonNodeFactory.instance.arrayNode();
      List<String> said = new ArrayList<>();
      for (JsonNode each : ours) {
        said.add(each.path("type").asString(""));
        ObjectNode condition = ((ObjectNode) each).deepCopy();
        JsonNode old = find(before, "type", each.path("type").asString(""));
        boolean same = old.path("status").equals(each.path("status"));
        condition.put(
            "lastTransitionTime", same ? old.path("lastTransitionTime").asString(now) : now);
        condition.put("observedGeneration", generation);
        if (!condition.has("message")) {
          condition.put("message", "");
        }
        merged.add(condition);
      }
      for (JsonNode old : before) {
        if (!said.contains(old.path("type").asString(""))
            && !"Unknown".equals(old.path("status").asString(""))) {
          merged.add(old);
        }
      }
      return merged;
    }

    /** Parts that are all ours, told apart by a field. */
    ArrayNode parts(JsonNode before, JsonNode ours, String key) {
      ArrayNode merged = JsonNodeFactory.instance.arrayNode();
      for (JsonNode each : ours) {
        JsonNode old = find(before, key, each.path(key).asString(""));
        merged.add(part(old, each));
      }
      return merged;
    }

    /** Parts of several controllers, of which only ours are replaced. */
    ArrayNode ofControllers(JsonNode before, JsonNode ours) {
      ArrayNode merged = JsonNodeFactory.instance.arrayNode();
      for (JsonNode old : before) {
        if (!isOurs(old)) {
          merged.add(old);
        }
      }
      for (JsonNode each : ours) {
        JsonNode old = JsonNodeFactory.instance.missingNode();
        for (JsonNode candidate : before) {
          boolean sameParent =
              candidate.path("parentRef").equals(each.path("parentRef"))
                  && candidate.path("ancestorRef").equals(each.path("ancestorRef"));
          if (isOurs(candidate) && sameParent) {
            old = candidate;
          }
        }
        merged.add(part(old, each));
      }
      return merged;
    }

    private ObjectNode part(JsonNode before, JsonNode ours) {
      ObjectNode part = ((ObjectNode) ours).deepCopy();
      part.set("conditions", conditions(before.path("conditions"), ours.path("conditions")));
      return part;
    }

    private static boolean isOurs(JsonNode part) {
      return GatewayClass.OUR_CONTROLLER.equals(part.path("controllerName").asString(""));
    }

    private static JsonNode find(JsonNode parts, String key, String value) {
      for (JsonNode part : parts) {
        if (part.path(key).asString("").equals(value)) {
          return part;
        }
      }
      return JsonNodeFactory.instance.missingNode();
    }
  }
}
