package dev.meshctl.controlplane.serve;

import java.util.concurrent.TimeUnit;

/**
 * How fast one stream may ask: a burst at once, then so many a second. Whoever floods is read later
 * and fills its own connection, not our memory nor the time of others.
 *
 * <p>Thread: one at a time.
 */
final class RequestPace {
  private final long burstNanos;
  private final long eachNanos;

  /** When the requests so far would all have come at the pace; never long before now. */
  private long dueNanos;

  private boolean begun;

  /**
   * @param perSecond 1 or more
   * @param burst 1 or more
   */
  RequestPace(int perSecond, int burst) {
    this.eachNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.burstNanos = eachNanos * (burst - 1L);
  }

  /** A request has come; how long the next one has to wait, 0 or more. */
  long waitNanos(long nowNanos) {
    if (!begun || dueNanos - nowNanos < 0) {
      begun = true;
      dueNanos = nowNanos;
    }
    dueNanos += eachNanos;
    return Math.max(0, dueNanos - nowNanos - burstNanos);
  }
}
