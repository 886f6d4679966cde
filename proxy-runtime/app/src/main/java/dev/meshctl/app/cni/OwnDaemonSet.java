package dev.meshctl.app.cni;

import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ObjectKind;
import java.util.Optional;

/**
 * What keeps an agent on every node. A process that is told to end cannot tell an update from an
 * uninstallation by itself.
 *
 * <p>Thread: blocks its caller.
 */
public final class OwnDaemonSet {
  private static final System.Logger LOG = System.getLogger(OwnDaemonSet.class.getName());
  private static final ObjectKind DAEMON_SET = new ObjectKind("apps/v1", "DaemonSet");
  private static final ObjectKind NAMESPACE = new ObjectKind("v1", "Namespace");

  private final ClusterConnection cluster;
  private final String namespace;
  private final String name;

  public OwnDaemonSet(ClusterConnection cluster, String namespace, String name) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.name = name;
  }

  /** Whether it is to be there; so where nobody answers, as when a node is shut down. */
  public boolean stays() {
    try {
      return isKept(cluster.objects().get(DAEMON_SET, Optional.of(namespace), name))
          && isKept(cluster.objects().get(NAMESPACE, Optional.empty(), namespace));
    } catch (ClusterException unknown) {
      LOG.log(
          System.Logger.Level.WARNING,
          "DaemonSet " + namespace + "/" + name + ": " + unknown.getMessage());
      return switch (unknown.reason()) {
        // Our account or its rights went before us.
        case UNAUTHORIZED, FORBIDDEN, NOT_FOUND -> false;
        case CONFIGURATION, UNREACHABLE, CONFLICT, INVALID, EXPIRED, SERVER -> true;
      };
    }
  }

  private static boolean isKept(Optional<ClusterObject> object) {
    return object
        .filter(there -> !there.tree().path("metadata").has("deletionTimestamp"))
        .isPresent();
  }
}
