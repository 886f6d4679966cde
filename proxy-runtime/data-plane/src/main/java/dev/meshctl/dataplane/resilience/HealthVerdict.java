package dev.meshctl.dataplane.resilience;

/**
 * What active checks say of one host. The first answer counts at once; later it takes several in a
 * row to change the verdict.
 *
 * <pre>
 * UNKNOWN -- first success --> HEALTHY -- unhealthyThreshold failures --> UNHEALTHY
 *         -- first failure --> UNHEALTHY -- healthyThreshold successes --> HEALTHY
 * </pre>
 *
 * <p>Until its first answer a host may be picked. Thread: one event loop.
 */
public final class HealthVerdict {
  private boolean known;
  private boolean healthy = true;
  private int against;

  /**
   * One check more; true where the verdict has changed.
   *
   * @param unhealthyThreshold at least 1
   * @param healthyThreshold at least 1
   */
  public boolean report(boolean success, int unhealthyThreshold, int healthyThreshold) {
    if (!known) {
      known = true;
      boolean changed = healthy != success;
      healthy = success;
      return changed;
    }
    if (success == healthy) {
      against = 0;
      return false;
    }
    against++;
    if (against < (healthy ? unhealthyThreshold : healthyThreshold)) {
      return false;
    }
    against = 0;
    healthy = success;
    return true;
  }

  public boolean healthy() {
    return healthy;
  }
}
