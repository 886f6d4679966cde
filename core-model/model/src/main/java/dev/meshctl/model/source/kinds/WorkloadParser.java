package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.Deployment;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.Owner;
import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.Map;
import java.util.Optional;

/** What makes pods: {@code apps/v1}, {@code batch/v1} and the ReplicationController. */
final class WorkloadParser {
  private WorkloadParser() {}

  static Deployment deployment(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = spec(root);
    return new Deployment(metadata, replicas(spec), selector(spec), template(spec, true));
  }

  static Workload statefulSet(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = spec(root);
    return new Workload.StatefulSet(
        metadata, PodParts.owner(root), replicas(spec), selector(spec), template(spec, true));
  }

  static Workload daemonSet(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = spec(root);
    int scheduled =
        root.object("status")
            .map(YamlObject::lenient)
            .flatMap(status -> status.number("desiredNumberScheduled", 0, Integer.MAX_VALUE))
            .orElse(1);
    return new Workload.DaemonSet(
        metadata, PodParts.owner(root), scheduled, selector(spec), template(spec, true));
  }

  static Workload replicaSet(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = spec(root);
    Optional<Owner> owner = PodParts.owner(root);
    return new Workload.ReplicaSet(
        metadata, owner, replicas(spec), selector(spec), template(spec, owner.isEmpty()));
  }

  static Workload replicationController(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = spec(root);
    PodTemplate template = template(spec, true);
    Map<String, String> selector = spec.map(s -> s.textMap("selector")).orElse(Map.of());
    return new Workload.ReplicationController(
        metadata,
        PodParts.owner(root),
        replicas(spec),
        selector.isEmpty() ? template.labels() : selector,
        template);
  }

  static Workload job(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = spec(root);
    return new Workload.Job(
        metadata,
        PodParts.owner(root),
        spec.flatMap(s -> s.number("parallelism", 0, Integer.MAX_VALUE)).orElse(1),
        spec.map(s -> Shared.matchLabels(s, "selector")).orElse(Map.of()),
        template(spec, false));
  }

  static Workload cronJob(Metadata metadata, YamlObject root) {
    Optional<YamlObject> job =
        spec(root)
            .flatMap(s -> s.requiredObject("jobTemplate"))
            .map(YamlObject::lenient)
            .flatMap(template -> template.requiredObject("spec"))
            .map(YamlObject::lenient);
    return new Workload.CronJob(metadata, PodParts.owner(root), 0, Map.of(), template(job, false));
  }

  private static Optional<YamlObject> spec(YamlObject root) {
    return root.requiredObject("spec").map(YamlObject::lenient);
  }

  private static int replicas(Optional<YamlObject> spec) {
    return spec.flatMap(s -> s.number("replicas", 0, Integer.MAX_VALUE)).orElse(1);
  }

  private static Map<String, String> selector(Optional<YamlObject> spec) {
    return spec.map(
            s -> {
              if (!s.has("selector")) {
                s.missing("selector");
              }
              return Shared.matchLabels(s, "selector");
            })
        .orElse(Map.of());
  }

  private static PodTemplate template(Optional<YamlObject> spec, boolean started) {
    return spec.flatMap(s -> s.requiredObject("template"))
        .map(template -> PodParts.template(template, started))
        .orElse(PodParts.NO_PODS);
  }
}
