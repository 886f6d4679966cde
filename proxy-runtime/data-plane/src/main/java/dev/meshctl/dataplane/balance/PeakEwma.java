package dev.meshctl.dataplane.balance;

/**
 * How long a host needs to answer, as Finagle's peak EWMA tells it: a longer time is taken at once,
 * shorter ones are averaged in by the time that has passed, and without any it fades, so that a
 * host that nobody asks is asked again.
 *
 * <p>Thread: one event loop.
 */
final class PeakEwma {
  private double millis;
  private long stampNanos;

  /** Milliseconds; 0 where nothing is known any more. */
  double millis() {
    return millis;
  }

  /**
   * An answer came.
   *
   * @param tookNanos at least 0
   * @param decayNanos above 0
   */
  void observe(long tookNanos, long nowNanos, long decayNanos) {
    double took = tookNanos / 1e6;
    double kept = Math.exp(-(double) Math.max(0, nowNanos - stampNanos) / decayNanos);
    millis = took > millis ? took : millis * kept + took * (1 - kept);
    stampNanos = nowNanos;
  }

  /** Time has passed. */
  void fade(long nowNanos, long decayNanos) {
    if (millis > 0) {
      observe(0, nowNanos, decayNanos);
    }
  }
}
