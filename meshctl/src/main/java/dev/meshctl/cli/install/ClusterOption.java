package dev.meshctl.cli.install;

import dev.meshctl.cli.OwnVersion;
import dev.meshctl.cli.context.ClusterMesh;
import dev.meshctl.cluster.ClusterAccess;
import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.install.InstallPlan;
import dev.meshctl.cluster.install.InstallValues;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster, and where the mesh is in it. */
public final class ClusterOption {
  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "How to reach the cluster (default: KUBECONFIG, else ~/.kube/config).")
  private @Nullable Path kubeconfig;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "Of the kubeconfig (default: its current one).")
  private @Nullable String context;

  @Option(
      names = "--system-namespace",
      paramLabel = "NAMESPACE",
      defaultValue = InstallPlan.SYSTEM_NAMESPACE,
      description = "Where the mesh is installed (default: ${DEFAULT-VALUE}).")
  private String systemNamespace = InstallPlan.SYSTEM_NAMESPACE;

  /** To be closed by the caller. */
  public ClusterConnection open() throws ClusterException {
    return ClusterConnection.open(access());
  }

  /** To be closed by the caller. */
  public ClusterMesh mesh() {
    return ClusterMesh.open(access(), systemNamespace);
  }

  private ClusterAccess access() {
    return new ClusterAccess.Kubeconfig(
        Optional.ofNullable(kubeconfig), Optional.ofNullable(context));
  }

  /** What would be installed, all by default. */
  public InstallPlan plan() {
    return InstallPlan.of(systemNamespace, InstallValues.defaults(OwnVersion.tag()));
  }

  public String systemNamespace() {
    return systemNamespace;
  }
}
