package dev.meshctl.model.xds.backing;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.Owner;
import dev.meshctl.model.resource.Pod;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The workload that a pod is a replica of, as its author knows it: who made it in the end. */
final class WorkloadNames {
  private static final String TEMPLATE_HASH = "pod-template-hash";

  /** A CronJob's Jobs end in the minute they were made for. */
  private static final Pattern OF_CRON_JOB = Pattern.compile("(.+)-\\d{8,10}");

  private final Map<ResourceId, Workload> workloads = new HashMap<>();

  WorkloadNames(ValidatedMesh mesh) {
    mesh.all(Workload.class).forEach(workload -> workloads.put(workload.id(), workload));
  }

  String of(Pod pod) {
    return pod.owner().map(owner -> of(owner, pod)).orElse(pod.metadata().name());
  }

  private String of(Owner owner, Pod pod) {
    MeshResource maker = workloads.get(owner.in(pod.metadata().namespace()));
    Optional<Owner> above = maker instanceof Workload made ? made.owner() : Optional.empty();
    if (above.isPresent()) {
      return above.get().name();
    }
    String hash = pod.metadata().labels().getOrDefault(TEMPLATE_HASH, "");
    if (owner.kind().equals("ReplicaSet") && !hash.isEmpty() && owner.name().endsWith("-" + hash)) {
      return owner.name().substring(0, owner.name().length() - hash.length() - 1);
    }
    Matcher byMinute = OF_CRON_JOB.matcher(owner.name());
    return owner.kind().equals("Job") && byMinute.matches() ? byMinute.group(1) : owner.name();
  }
}
