package dev.meshctl.cluster.install;

import dev.meshctl.cluster.ClusterException;
import java.time.Duration;
import java.util.Optional;

/**
 * Asks again and again until something is so, and tells each new reason why it is not yet.
 *
 * <p>Thread: blocks its caller.
 */
final class Waiting {
  private static final Duration PACE = Duration.ofMillis(300);

  private final long deadlineNanos;
  private final Duration limit;
  private final Progress progress;

  /**
   * @param limit for everything that is waited for with it, together
   */
  Waiting(Duration limit, Progress progress) {
    this.limit = limit;
    this.deadlineNanos = System.nanoTime() + limit.toNanos();
    this.progress = progress;
  }

  /** Something asked of the cluster. */
  @FunctionalInterface
  interface Question {
    /** Why it is not so yet; empty where it is. */
    Optional<String> whyNot() throws ClusterException;
  }

  /**
   * @throws NotInTime with the last reason
   */
  void until(String what, Question question)
      throws ClusterException, InterruptedException, NotInTime {
    String told = "";
    while (true) {
      Optional<String> why = question.whyNot();
      if (why.isEmpty()) {
        return;
      }
      if (!why.get().equals(told)) {
        told = why.get();
        progress.line(what + ": " + told);
      }
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new NotInTime(what + " is not ready after " + limit.toSeconds() + " s: " + told);
      }
      Thread.sleep(PACE);
    }
  }
}
