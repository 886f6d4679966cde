package dev.meshctl.model.resource;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What makes pods by a template, as far as the mesh needs it. */
public sealed interface Workload extends MeshResource
    permits Deployment,
        Workload.StatefulSet,
        Workload.DaemonSet,
        Workload.ReplicaSet,
        Workload.ReplicationController,
        Workload.Job,
        Workload.CronJob {

  /** Who made this workload in turn: the Deployment of a ReplicaSet, the CronJob of a Job. */
  Optional<Owner> owner();

  /** How many pods it asks for at a time. */
  int replicas();

  /** {@code matchLabels} of its selector; empty where it has none of its own. */
  Map<String, String> selector();

  PodTemplate template();

  /** Workloads among {@code resources} that none of {@code resources} made. */
  static List<Workload> topmost(Collection<? extends MeshResource> resources) {
    Set<ResourceId> all = new HashSet<>();
    resources.forEach(resource -> all.add(resource.id()));
    return resources.stream()
        .filter(Workload.class::isInstance)
        .map(Workload.class::cast)
        .filter(workload ->
            workload
                .owner()
                .filter(owner -> all.contains(owner.in(workload.metadata().namespace())))
                .isEmpty())
        .toList();
  }

  /** {@code apps/v1/StatefulSet}. */
  record StatefulSet(
      Metadata metadata,
      Optional<Owner> owner,
      int replicas,
      Map<String, String> selector,
      PodTemplate template)
      implements Workload {
    public StatefulSet {
      selector = InOrder.copyOf(selector);
    }

    @Override
    public String kind() {
      return "StatefulSet";
    }
  }

  /** {@code apps/v1/DaemonSet}: a pod on each node; as many as its status says, else one. */
  record DaemonSet(
      Metadata metadata,
      Optional<Owner> owner,
      int replicas,
      Map<String, String> selector,
      PodTemplate template)
      implements Workload {
    public DaemonSet {
      selector = InOrder.copyOf(selector);
    }

    @Override
    public String kind() {
      return "DaemonSet";
    }
  }

  /** {@code apps/v1/ReplicaSet}. */
  record ReplicaSet(
      Metadata metadata,
      Optional<Owner> owner,
      int replicas,
      Map<String, String> selector,
      PodTemplate template)
      implements Workload {
    public ReplicaSet {
      selector = InOrder.copyOf(selector);
    }

    @Override
    public String kind() {
      return "ReplicaSet";
    }
  }

  /** {@code v1/ReplicationController}; without a selector it selects the labels of its template. */
  record ReplicationController(
      Metadata metadata,
      Optional<Owner> owner,
      int replicas,
      Map<String, String> selector,
      PodTemplate template)
      implements Workload {
    public ReplicationController {
      selector = InOrder.copyOf(selector);
    }

    @Override
    public String kind() {
      return "ReplicationController";
    }
  }

  /** {@code batch/v1/Job}: {@code parallelism} pods. */
  record Job(
      Metadata metadata,
      Optional<Owner> owner,
      int replicas,
      Map<String, String> selector,
      PodTemplate template)
      implements Workload {
    public Job {
      selector = InOrder.copyOf(selector);
    }

    @Override
    public String kind() {
      return "Job";
    }
  }

  /** {@code batch/v1/CronJob}: makes Jobs, so it asks for no pods itself. */
  record CronJob(
      Metadata metadata,
      Optional<Owner> owner,
      int replicas,
      Map<String, String> selector,
      PodTemplate template)
      implements Workload {
    public CronJob {
      selector = InOrder.copyOf(selector);
    }

    @Override
    public String kind() {
      return "CronJob";
    }
  }
}
