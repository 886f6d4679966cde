package dev.meshctl.dataplane.resilience;

import dev.meshctl.model.xds.AdaptiveConcurrency;
import dev.meshctl.model.xds.AdaptiveConcurrency.MinRtt;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * How many requests at a time a service takes without queueing, found by comparing its latency with
 * that of an empty one (Envoy's gradient controller):
 *
 * <pre>
 * gradient  = (min RTT + buffer) / sampled RTT, held between 1/2 and 2
 * new limit = limit * gradient + sqrt(limit * gradient), held between its least and its most
 * </pre>
 *
 * <pre>
 * MEASURING (limit = least) -- enough samples --> FOLLOWING -- interval, or five times at the
 *     ^                                               |        least limit in a row
 *     +-----------------------------------------------+
 * </pre>
 *
 * <p>A known minimum is never measured. Samples of an interval are a uniform choice of at most
 * {@value #MOST_SAMPLES}.
 *
 * <p>Thread: confined to one event loop.
 */
public final class GradientController {
  private static final int MOST_SAMPLES = 1024;
  private static final int LEAST_IN_A_ROW = 5;
  private static final double LEAST_GRADIENT = 0.5;
  private static final double MOST_GRADIENT = 2;

  private final AdaptiveConcurrency settings;
  private final RandomGenerator dice;
  private final int most;
  private final int least;
  private final long[] samples = new long[MOST_SAMPLES];
  private long sampled;
  private double limit;
  private double limitBefore;
  private boolean measuring;
  private long minRttNanos;
  private long sampleRttNanos;
  private long updateNanos;
  private long measureNanos;
  private int atLeastInARow;
  private int outstanding;
  private long blocked;

  /**
   * @param most requests at a time, in place of {@link AdaptiveConcurrency#maxLimit}: this loop's
   *     part
   */
  public GradientController(
      AdaptiveConcurrency settings, int most, RandomGenerator dice, long nowNanos) {
    this.settings = settings;
    this.dice = dice;
    this.least = settings.minRtt().minConcurrency();
    this.most = Math.max(most, least);
    this.limit = least;
    this.limitBefore = least;
    this.updateNanos = nowNanos;
    this.minRttNanos = settings.minRtt().fixed().toNanos();
    if (minRttNanos == 0) {
      measuring = true;
    }
  }

  /** Takes a request; false where there is no room. One that was taken ends one way or another. */
  public boolean start(long nowNanos) {
    look(nowNanos);
    if (outstanding >= limit()) {
      blocked++;
      return false;
    }
    outstanding++;
    return true;
  }

  /** It was answered after {@code rttNanos}. */
  public void ended(long rttNanos, long nowNanos) {
    outstanding--;
    long place = sampled < MOST_SAMPLES ? sampled : dice.nextLong(sampled + 1);
    if (place < MOST_SAMPLES) {
      samples[(int) place] = Math.max(1, rttNanos);
    }
    sampled++;
    look(nowNanos);
  }

  /** It was not answered: it says nothing of the latency. */
  public void cancelled() {
    outstanding--;
  }

  private void look(long nowNanos) {
    if (measuring) {
      if (sampled >= settings.minRtt().requests()) {
        measured(nowNanos);
      }
      return;
    }
    if (nowNanos - updateNanos < settings.updateInterval().toNanos()) {
      return;
    }
    updateNanos = nowNanos;
    if (sampled > 0) {
      follow();
    }
    boolean due = settings.minRtt().fixed().isZero() && nowNanos - measureNanos >= 0;
    if (due || (atLeastInARow >= LEAST_IN_A_ROW && settings.minRtt().fixed().isZero())) {
      measure();
    }
  }

  private void measure() {
    measuring = true;
    limitBefore = limit;
    limit = least;
    sampled = 0;
    atLeastInARow = 0;
  }

  private void measured(long nowNanos) {
    MinRtt rule = settings.minRtt();
    minRttNanos = percentile();
    measuring = false;
    limit = limitBefore;
    sampled = 0;
    updateNanos = nowNanos;
    double jitter = 1 + rule.jitterPercent() / 100 * dice.nextDouble();
    measureNanos = nowNanos + (long) (rule.interval().toNanos() * jitter);
  }

  private void follow() {
    sampleRttNanos = percentile();
    sampled = 0;
    double wanted = minRttNanos * (1 + settings.minRtt().bufferPercent() / 100);
    double gradient = Math.clamp(wanted / sampleRttNanos, LEAST_GRADIENT, MOST_GRADIENT);
    double target = limit * gradient;
    limit = Math.clamp(target + Math.sqrt(target), least, most);
    atLeastInARow = limit() == least ? atLeastInARow + 1 : 0;
  }

  private long percentile() {
    int count = (int) Math.min(sampled, MOST_SAMPLES);
    Arrays.sort(samples, 0, count);
    int place = (int) Math.ceil(count * settings.percentile() / 100) - 1;
    return samples[Math.clamp(place, 0, count - 1)];
  }

  /** Requests at a time, now. */
  public int limit() {
    return (int) limit;
  }

  public int outstanding() {
    return outstanding;
  }

  /** Requests that found no room. */
  public long blocked() {
    return blocked;
  }

  /** The minimum is being measured. */
  public boolean measuring() {
    return measuring;
  }

  /** 0 where it is not known yet. */
  public long minRttNanos() {
    return minRttNanos;
  }

  public long sampleRttNanos() {
    return sampleRttNanos;
  }
}
