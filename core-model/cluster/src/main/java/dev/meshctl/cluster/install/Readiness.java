package dev.meshctl.cluster.install;

import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.ObjectKind;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Whether what was applied serves yet, as the cluster says.
 *
 * <p>Thread: blocks its caller for a question.
 */
public final class Readiness {
  private static final List<String> TAKING_TIME =
      List.of(
          "CustomResourceDefinition",
          "DaemonSet",
          "Deployment",
          "MutatingWebhookConfiguration",
          "StatefulSet",
          "ValidatingWebhookConfiguration");
  private static final ObjectKind POD = new ObjectKind("v1", "Pod");

  private final ClusterObjects cluster;

  public Readiness(ClusterObjects cluster) {
    this.cluster = cluster;
  }

  /** How an object stands. */
  public sealed interface Standing {
    /** It serves. */
    record Ready() implements Standing {}

    /**
     * Not yet.
     *
     * @param why in a few words
     */
    record Waits(String why) implements Standing {}
  }

  /** Of an object that was applied; what needs no time to come into force is ready. */
  public Standing of(ClusterObject applied) throws ClusterException {
    String kind = applied.kind().kind();
    if (!TAKING_TIME.contains(kind)) {
      return new Standing.Ready();
    }
    Optional<ClusterObject> there =
        cluster.get(applied.kind(), applied.namespace(), applied.name());
    if (there.isEmpty()) {
      return new Standing.Waits("is not there");
    }
    return switch (kind) {
      case "Deployment" -> deployment(there.get());
      case "StatefulSet" ->
          rolledOut(there.get(), "replicas", "updatedReplicas", "availableReplicas");
      case "DaemonSet" ->
          rolledOut(
              there.get(), "desiredNumberScheduled", "updatedNumberScheduled", "numberAvailable");
      case "CustomResourceDefinition" ->
          condition(there.get().tree(), "Established")
              ? new Standing.Ready()
              : new Standing.Waits("is not established");
      default -> webhook(there.get());
    };
  }

  private Standing deployment(ClusterObject deployment) throws ClusterException {
    JsonNode spec = deployment.tree().path("spec");
    JsonNode status = deployment.tree().path("status");
    int wanted = spec.path("replicas").asInt(1);
    int updated = status.path("updatedReplicas").asInt(0);
    int available = status.path("availableReplicas").asInt(0);
    if (isSeen(deployment)
        && updated == wanted
        && available >= wanted
        && status.path("replicas").asInt(0) == wanted) {
      return new Standing.Ready();
    }
    String trouble = trouble(deployment);
    return new Standing.Waits(
        Math.min(updated, available)
            + " of "
            + wanted
            + " replicas are ready"
            + (trouble.isEmpty() ? "" : ": " + trouble));
  }

  /** By fields of the status. */
  private Standing rolledOut(ClusterObject owner, String wanted, String updated, String available)
      throws ClusterException {
    JsonNode status = owner.tree().path("status");
    int all = status.path(wanted).asInt(0);
    int ready = Math.min(status.path(updated).asInt(0), status.path(available).asInt(0));
    if (isSeen(owner) && ready >= all) {
      return new Standing.Ready();
    }
    String trouble = trouble(owner);
    return new Standing.Waits(
        ready + " of " + all + " pods are ready" + (trouble.isEmpty() ? "" : ": " + trouble));
  }

  /** Its controller has seen what was written last. */
  private static boolean isSeen(ClusterObject owner) {
    return owner.tree().path("status").path("observedGeneration").asLong(0)
        >= owner.tree().path("metadata").path("generation").asLong(0);
  }

  /** Of a workload's pods. */
  static String selector(ClusterObject workload) {
    return workload
        .tree()
        .path("spec")
        .path("selector")
        .path("matchLabels")
        .propertyStream()
        .map(label -> label.getKey() + "=" + label.getValue().asString())
        .reduce((one, other) -> one + "," + other)
        .orElse("");
  }

  /** What its newest pods wait for. */
  private String trouble(ClusterObject deployment) throws ClusterException {
    for (ClusterObject pod : cluster.list(POD, deployment.namespace(), selector(deployment))) {
      JsonNode status = pod.tree().path("status");
      for (JsonNode container : status.path("containerStatuses")) {
        JsonNode waiting = container.path("state").path("waiting");
        String reason = waiting.path("reason").asString("");
        if (!reason.isEmpty() && !reason.equals("ContainerCreating")) {
          return told(pod, reason, waiting.path("message").asString(""));
        }
      }
      for (JsonNode condition : status.path("conditions")) {
        if (condition.path("type").asString("").equals("PodScheduled")
            && condition.path("status").asString("").equals("False")) {
          return told(
              pod, condition.path("reason").asString(""), condition.path("message").asString(""));
        }
      }
    }
    for (JsonNode condition : deployment.tree().path("status").path("conditions")) {
      if (condition.path("type").asString("").equals("ReplicaFailure")) {
        return condition.path("message").asString("");
      }
    }
    return "";
  }

  private static String told(ClusterObject pod, String reason, String message) {
    return "pod " + pod.name() + ": " + reason + (message.isEmpty() ? "" : ": " + message);
  }

  /** The API server can call it once it knows by which authority. */
  private static Standing webhook(ClusterObject configuration) {
    for (JsonNode webhook : configuration.tree().path("webhooks")) {
      if (webhook.path("clientConfig").path("caBundle").asString("").isEmpty()) {
        return new Standing.Waits("the control plane has not written its authority yet");
      }
    }
    return new Standing.Ready();
  }

  private static boolean condition(JsonNode tree, String type) {
    return tree.path("status")
        .path("conditions")
        .valueStream()
        .anyMatch(condition ->
            condition.path("type").asString("").equals(type)
                && condition.path("status").asString("").equals("True"));
  }
}
