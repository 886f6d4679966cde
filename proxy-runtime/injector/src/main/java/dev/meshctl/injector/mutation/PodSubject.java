package dev.meshctl.injector.mutation;

import dev.meshctl.model.resource.Owner;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A pod, or the template of pods, within an object.
 *
 * @param kind of the object
 * @param namespace as written, may be empty
 * @param workload its name as its author knows it
 * @param template with {@code metadata} and {@code spec}
 */
record PodSubject(String kind, String namespace, String workload, ObjectNode template) {
  private static final String HASH = "pod-template-hash";

  /** Where the template is in objects of a kind. */
  private static final Map<String, List<String>> TEMPLATES =
      Map.of(
          "Pod", List.of(),
          "PodTemplate", List.of("template"),
          "ReplicationController", List.of("spec", "template"),
          "ReplicaSet", List.of("spec", "template"),
          "Deployment", List.of("spec", "template"),
          "StatefulSet", List.of("spec", "template"),
          "DaemonSet", List.of("spec", "template"),
          "Job", List.of("spec", "template"),
          "CronJob", List.of("spec", "jobTemplate", "spec", "template"));

  private static final List<String> GROUPS = List.of("v1", "apps/v1", "batch/v1");

  /** The pods of an object, as a part of it; empty where it makes none. */
  static Optional<PodSubject> of(ObjectNode object) {
    String kind = Trees.text(object, "kind");
    List<String> path = TEMPLATES.get(kind);
    String version = Trees.text(object, "apiVersion");
    if (path == null || !GROUPS.contains(version)) {
      return Optional.empty();
    }
    JsonNode template = object;
    for (String step : path) {
      template = template.path(step);
    }
    return template instanceof ObjectNode found && found.path("spec").isObject()
        ? Optional.of(
            new PodSubject(
                kind,
                Trees.text(object.path("metadata"), "namespace"),
                workload(kind, object.path("metadata")),
                found))
        : Optional.empty();
  }

  private static String workload(String kind, JsonNode metadata) {
    Map<String, String> labels = Trees.texts(metadata.path("labels"));
    for (JsonNode owner : metadata.path("ownerReferences")) {
      if (owner.path("controller").asBoolean(false)) {
        return new Owner(Trees.text(owner, "kind"), Trees.text(owner, "name")).workloadOf(labels);
      }
    }
    String name = Trees.text(metadata, "name");
    if (!name.isEmpty()) {
      return name;
    }
    String prefix = Trees.text(metadata, "generateName");
    return prefix.endsWith("-") ? prefix.substring(0, prefix.length() - 1) : prefix;
  }

  Map<String, String> labels() {
    return Trees.texts(template.path("metadata").path("labels"));
  }

  Map<String, String> annotations() {
    return Trees.texts(template.path("metadata").path("annotations"));
  }

  ObjectNode spec() {
    return (ObjectNode) template.path("spec");
  }

  /** A label that a controller gives its pods says nothing of what the pod is. */
  static boolean isOfController(String label) {
    return label.equals(HASH)
        || label.equals("controller-revision-hash")
        || label.equals("pod-template-generation")
        || label.equals("job-name")
        || label.equals("controller-uid")
        || label.startsWith("batch.kubernetes.io/")
        || label.startsWith("apps.kubernetes.io/")
        || label.startsWith("statefulset.kubernetes.io/");
  }
}
