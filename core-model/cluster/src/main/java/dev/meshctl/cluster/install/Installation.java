package dev.meshctl.cluster.install;

import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.install.Foreseen.Fate;
import dev.meshctl.cluster.install.Readiness.Standing;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Carries an installation out from beginning to end: applies in order, and waits where what comes
 * next needs what came before. Ended anywhere, the next run goes on.
 *
 * <p>Thread: blocks its caller.
 */
public final class Installation {
  private final Installer installer;
  private final Readiness readiness;
  private final Progress progress;
  private final Waiting waiting;

  /**
   * @param force take fields over from whoever owns them
   * @param limit for all that is waited for
   */
  public Installation(ClusterObjects cluster, boolean force, Duration limit, Progress progress) {
    this.installer = new Installer(cluster, force);
    this.readiness = new Readiness(cluster);
    this.progress = progress;
    this.waiting = new Waiting(limit, progress);
  }

  /**
   * What there is to do; waits until what an uninstallation before has left is gone.
   *
   * @throws NotInTime where it does not go
   */
  public List<Foreseen> foresee(InstallPlan plan)
      throws ClusterException, InterruptedException, NotInTime {
    waiting.until(
        "an installation before",
        () -> {
          List<ClusterObject> leaving = installer.leaving(plan);
          return leaving.isEmpty()
              ? Optional.empty()
              : Optional.of(leaving.getFirst() + " is still on its way out");
        });
    return installer.foresee(plan);
  }

  /**
   * @throws NotInTime where something does not come up; what was applied stays
   */
  public void carryOut(List<Foreseen> foreseen)
      throws ClusterException, InterruptedException, NotInTime {
    List<Foreseen> last = foreseen.stream().filter(Installation::isLast).toList();
    for (Foreseen each : foreseen) {
      if (!last.contains(each)) {
        apply(each);
      }
    }
    awaitAll(foreseen.stream().filter(each -> !last.contains(each)).toList());
    for (Foreseen each : last) {
      apply(each);
    }
    awaitAll(last);
  }

  /** The webhooks: from then on pods depend on the control plane. */
  private static boolean isLast(Foreseen each) {
    return each.object().kind().group().equals("admissionregistration.k8s.io");
  }

  private void apply(Foreseen each) throws ClusterException {
    installer.apply(each);
    switch (each.fate()) {
      case Fate.Create create -> progress.line("created " + each.object());
      case Fate.Change change -> progress.line("changed " + each.object());
      case Fate.Unchanged unchanged -> {}
      case Fate.Leave leave -> {}
      case Fate.Refuse refuse -> {}
    }
  }

  private void awaitAll(List<Foreseen> applied)
      throws ClusterException, InterruptedException, NotInTime {
    for (Foreseen each : applied) {
      waiting.until(
          each.object().toString(),
          () ->
              switch (readiness.of(each.object())) {
                case Standing.Ready ready -> Optional.empty();
                case Standing.Waits waits -> Optional.of(waits.why());
              });
    }
  }
}
