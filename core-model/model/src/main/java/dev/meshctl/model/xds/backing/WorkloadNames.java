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

/** The workload that a pod is a replica of, as its author knows it: who made it in the end. */
final class WorkloadNames {
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
    return owner.workloadOf(pod.metadata().labels());
  }
}
