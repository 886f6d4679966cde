package dev.meshctl.injector.mutation;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a pod's author writes of the sidecar: a container called {@code istio-proxy}, whose fields
 * count above those of the injector. Lists are joined by name, mounts by where they are mounted;
 * the image {@code auto} stands for the injector's, with its pull policy: the API server has filled
 * in {@code Always}, for a name without a tag.
 */
final class OwnProxy {
  private static final String AUTO = "auto";
  private static final String IMAGE = "image";
  private static final Set<String> WORDS = Set.of("args", "command");

  private OwnProxy() {}

  /** Takes it out of the pod's containers. */
  static Optional<ObjectNode> takenFrom(ArrayNode containers) {
    for (int i = 0; i < containers.size(); i++) {
      if (containers.get(i) instanceof ObjectNode container
          && Trees.text(container, "name").equals(ProxyContainer.NAME)) {
        containers.remove(i);
        return Optional.of(container);
      }
    }
    return Optional.empty();
  }

  /** Both together, in the order in which the author wrote. */
  static ObjectNode above(ObjectNode ours, ObjectNode own) {
    ObjectNode joined = Trees.object();
    boolean auto = Trees.text(own, IMAGE).equals(AUTO);
    for (Map.Entry<String, JsonNode> field : own.properties()) {
      if (auto && field.getKey().equals("imagePullPolicy")) {
        continue;
      }
      joined.set(
          field.getKey(), joined(field.getKey(), ours.get(field.getKey()), field.getValue()));
    }
    ours.properties().forEach(field -> joined.putIfAbsent(field.getKey(), field.getValue()));
    return joined;
  }

  private static JsonNode joined(String name, @Nullable JsonNode ours, JsonNode own) {
    boolean auto = name.equals(IMAGE) && own.isString() && own.stringValue().equals(AUTO);
    return switch (ours) {
      case JsonNode image when auto -> image;
      case ObjectNode mapping when own instanceof ObjectNode fields -> above(mapping, fields);
      case ArrayNode list when own instanceof ArrayNode entries && !WORDS.contains(name) -> {
        entries.forEach(entry -> join(list, entry));
        yield list;
      }
      case null, default -> own.deepCopy();
    };
  }

  private static void join(ArrayNode list, JsonNode entry) {
    String key = entry.has("mountPath") ? "mountPath" : "name";
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i).equals(entry)) {
        return;
      }
      if (entry.has(key) && list.get(i).path(key).equals(entry.get(key))) {
        list.set(i, entry.deepCopy());
        return;
      }
    }
    list.add(entry.deepCopy());
  }
}
