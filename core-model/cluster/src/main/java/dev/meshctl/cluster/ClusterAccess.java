package dev.meshctl.cluster;

import java.nio.file.Path;
import java.util.Optional;

/** How a cluster is found, and as whom it is asked. */
public sealed interface ClusterAccess {
  /**
   * As a person on a machine.
   *
   * @param file empty for those that {@code KUBECONFIG} names, else {@code ~/.kube/config}
   * @param context empty for the current one
   */
  record Kubeconfig(Optional<Path> file, Optional<String> context) implements ClusterAccess {
    /** What kubectl would use, told nothing. */
    public static final Kubeconfig DEFAULT = new Kubeconfig(Optional.empty(), Optional.empty());
  }

  /** As the service account of the pod that this process runs in. */
  record InCluster() implements ClusterAccess {}
}
