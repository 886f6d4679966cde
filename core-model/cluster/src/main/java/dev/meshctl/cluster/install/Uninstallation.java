package dev.meshctl.cluster.install;

import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.ObjectKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Carries a removal out: what reaches into others' work first, then what runs, so that nobody
 * writes anew what is being removed, and node agents clear their nodes while they may still ask;
 * then all else. Ended anywhere, the next run goes on.
 *
 * <p>Thread: blocks its caller.
 */
public final class Uninstallation {
  private static final ObjectKind POD = new ObjectKind("v1", "Pod");
  private static final List<String> RUNNING = List.of("Deployment", "DaemonSet");

  private final ClusterObjects cluster;
  private final Removal removal;
  private final Progress progress;
  private final Waiting waiting;

  /**
   * @param limit for all that is waited for
   */
  public Uninstallation(ClusterObjects cluster, Duration limit, Progress progress) {
    this.cluster = cluster;
    this.removal = new Removal(cluster);
    this.progress = progress;
    this.waiting = new Waiting(limit, progress);
  }

  /**
   * @param going in the order of {@link Removal#objects}
   * @throws NotInTime where something does not go; what went is gone
   */
  public void carryOut(List<ClusterObject> going)
      throws ClusterException, InterruptedException, NotInTime {
    for (ClusterObject object : going) {
      removal.delete(object);
      progress.line("deleted " + object);
      if (RUNNING.contains(object.kind().kind())) {
        awaitPods(object);
      }
    }
    for (ClusterObject object : going) {
      waiting.until(
          object.toString(),
          () -> removal.isGone(object) ? Optional.empty() : Optional.of("is on its way out"));
    }
  }

  private void awaitPods(ClusterObject workload)
      throws ClusterException, InterruptedException, NotInTime {
    String selector = Readiness.selector(workload);
    waiting.until(
        workload.toString(),
        () -> {
          int pods = cluster.list(POD, workload.namespace(), selector).size();
          return pods == 0
              ? Optional.empty()
              : Optional.of(pods + (pods == 1 ? " pod is" : " pods are") + " on the way out");
        });
  }
}
