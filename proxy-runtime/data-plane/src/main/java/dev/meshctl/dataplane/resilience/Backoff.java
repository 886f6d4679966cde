package dev.meshctl.dataplane.resilience;

import java.util.random.RandomGenerator;

/**
 * Exponential backoff with full jitter, as Envoy's: before retry n (from 1) anything from 0 to
 * {@code min(base * (2^n - 1), most)}.
 *
 * <p>Thread: any; the dice belong to the caller's.
 *
 * @param baseNanos at least 1
 * @param mostNanos at least {@code baseNanos}
 */
public record Backoff(long baseNanos, long mostNanos) {
  private static final long MILLI = 1_000_000;

  /** Envoy's: 25 ms, at most ten times that. */
  public static final Backoff DEFAULT = new Backoff(25 * MILLI, 250 * MILLI);

  private static final int MOST_DOUBLINGS = 30;

  public Backoff {
    if (baseNanos < 1 || mostNanos < baseNanos) {
      throw new IllegalArgumentException(
          "base: %d, most: %d (expected: 1 <= base <= most)".formatted(baseNanos, mostNanos));
    }
  }

  /** Nanoseconds to wait before retry number {@code retry}, from 1. */
  public long nextNanos(int retry, RandomGenerator dice) {
    long factor = (1L << Math.clamp(retry, 1, MOST_DOUBLINGS)) - 1;
    long bound = baseNanos > mostNanos / factor ? mostNanos : baseNanos * factor;
    return dice.nextLong(bound + 1);
  }
}
