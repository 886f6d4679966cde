package dev.meshctl.net.retry;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff: attempt n (from 0) waits {@code base * 2^n}, at most {@code max}, varied by
 * {@code jitter} (0 to 1) of itself either way, so that many clients do not come back together.
 */
public record Backoff(Duration base, Duration max, double jitter) {
  /** What Envoy and gRPC use towards a control plane, with a shorter ceiling. */
  public static final Backoff RECONNECT =
      new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10), 0.2);

  public Backoff {
    if (base.isNegative() || base.isZero() || max.compareTo(base) < 0) {
      throw new IllegalArgumentException(
          "base: " + base + ", max: " + max + " (expected: 0 < base <= max)");
    }
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException("jitter: " + jitter + " (expected: 0 to 1)");
    }
  }

  /** How long to wait before the try after {@code attempt} failures beyond the first. */
  public Duration delay(int attempt, RandomGenerator dice) {
    long maxNanos = max.toNanos();
    // 2^attempt overflows long before max is worth reaching: compare in doubles.
    double grown = Math.min(maxNanos, base.toNanos() * Math.pow(2, Math.max(0, attempt)));
    double varied = grown * (1 + jitter * (2 * dice.nextDouble() - 1));
    return Duration.ofNanos(Math.min(maxNanos, (long) varied));
  }
}
