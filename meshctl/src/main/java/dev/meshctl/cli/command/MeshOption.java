package dev.meshctl.cli.command;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.context.ClusterMesh;
import dev.meshctl.cli.context.MeshReplicas;
import dev.meshctl.cluster.ClusterAccess;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.RunningMesh;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which mesh is meant: one that runs on this machine, or that of a cluster. */
public final class MeshOption {
  @Option(
      names = "--mesh",
      paramLabel = "NAME",
      description = "The mesh to ask, where several run (or MESHCTL_MESH).")
  private @Nullable String name;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "The mesh of the cluster of this kubeconfig context.")
  private @Nullable String context;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "The mesh of the cluster that this file names (its current context).")
  private @Nullable Path kubeconfig;

  @Option(
      names = "--system-namespace",
      paramLabel = "NAME",
      defaultValue = "meshctl-system",
      description = "Of the cluster's control plane (default: ${DEFAULT-VALUE}).")
  private String systemNamespace = "meshctl-system";

  public MeshClient client(Session session) {
    return onCluster() ? cluster().client() : session.client(Optional.ofNullable(name));
  }

  /** All who know of a part of the mesh; to be closed by the caller. */
  public MeshReplicas replicas(Session session) {
    return onCluster() ? MeshReplicas.of(cluster()) : MeshReplicas.of(client(session));
  }

  /** A mesh on this machine; a cluster's is refused. */
  public RunningMesh mesh(Session session) {
    if (onCluster()) {
      throw CommandFailure.refused(
          "this is for a mesh on this machine", List.of(), "leave --context and --kubeconfig out");
    }
    return session.mesh(Optional.ofNullable(name));
  }

  boolean named() {
    return name != null;
  }

  /** It is that of a cluster. */
  public boolean onCluster() {
    return context != null || kubeconfig != null;
  }

  /** To be closed by the caller. */
  public ClusterMesh cluster() {
    return ClusterMesh.open(
        new ClusterAccess.Kubeconfig(Optional.ofNullable(kubeconfig), Optional.ofNullable(context)),
        systemNamespace);
  }
}
