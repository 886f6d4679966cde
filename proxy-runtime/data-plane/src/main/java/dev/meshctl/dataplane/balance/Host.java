package dev.meshctl.dataplane.balance;

import dev.meshctl.dataplane.resilience.OutlierDetector;
import dev.meshctl.model.xds.BalancingOptions.SlowStart;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint as one event loop knows it. Lives as long as its address stays in the assignment:
 * counts and ejection outlast a change of configuration.
 *
 * <p>Thread: one event loop.
 *
 * @param <A> what the owner keeps beside it, for example a connection pool
 */
public final class Host<A> {
  static final int WEIGHT_UNIT = 1000;

  private final A attachment;
  private final OutlierDetector.Track track;
  private Endpoint endpoint;
  private int active;
  private long requests;
  private long failures;
  private boolean failsChecks;
  private long sinceNanos;
  private long drawWeight;
  private final PeakEwma latency = new PeakEwma();
  private int priority;
  private boolean resting;
  private long restsUntilNanos;

  Host(Endpoint endpoint, A attachment, OutlierDetector.Track track, long nowNanos) {
    this.endpoint = endpoint;
    this.attachment = attachment;
    this.track = track;
    this.sinceNanos = nowNanos;
    this.drawWeight = (long) endpoint.weight() * WEIGHT_UNIT;
  }

  /**
   * What balancers draw by: the endpoint's weight in units of {@value #WEIGHT_UNIT}, at least 1.
   */
  long drawWeight() {
    return drawWeight;
  }

  /** Weighs it anew; true where it is still in its slow start. */
  boolean weigh(@Nullable SlowStart slowStart, long nowNanos) {
    long full = (long) endpoint.weight() * WEIGHT_UNIT;
    long age = nowNanos - sinceNanos;
    if (slowStart == null || age >= slowStart.window().toNanos()) {
      drawWeight = full;
      return false;
    }
    double part = Math.max(0, age) / (double) slowStart.window().toNanos();
    double grown = Math.pow(part, 1 / slowStart.aggression());
    double share = Math.max(grown, slowStart.minWeightPercent() / 100);
    drawWeight = Math.clamp(Math.round(full * share), 1, full);
    return true;
  }

  /** Of its locality, 0 is first. */
  public int priority() {
    return priority;
  }

  void stand(int priority) {
    this.priority = priority;
  }

  /** How long it needs to answer. */
  PeakEwma latency() {
    return latency;
  }

  /** It has asked to be left alone for a while: another is preferred. */
  public boolean isResting() {
    return resting;
  }

  void rest(long untilNanos) {
    if (!resting || untilNanos - restsUntilNanos > 0) {
      restsUntilNanos = untilNanos;
    }
    resting = true;
  }

  /** Time has passed. */
  void mayRise(long nowNanos) {
    resting &= restsUntilNanos - nowNanos > 0;
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  public A attachment() {
    return attachment;
  }

  /** Requests under way. */
  public int active() {
    return active;
  }

  /** Requests ever. */
  public long requests() {
    return requests;
  }

  /** Requests that ended in a failure, ever. */
  public long failures() {
    return failures;
  }

  public boolean isEjected() {
    return track.isEjected();
  }

  /** May be picked outside of panic. */
  public boolean isHealthy() {
    return endpoint.health() == Health.HEALTHY && !track.isEjected() && !failsChecks;
  }

  /** Active checks say that it is not well. */
  public boolean failsChecks() {
    return failsChecks;
  }

  /** What active checks say; slow start begins anew for one that is back. */
  void checked(boolean healthy, long nowNanos) {
    if (healthy && failsChecks) {
      sinceNanos = nowNanos;
    }
    failsChecks = !healthy;
  }

  OutlierDetector.Track track() {
    return track;
  }

  void update(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  void started() {
    active++;
    requests++;
  }

  void ended(boolean failed) {
    if (active <= 0) {
      throw new IllegalStateException("active: " + active + " (expected: >= 1 when one ends)");
    }
    active--;
    if (failed) {
      failures++;
    }
  }

  @Override
  public String toString() {
    return endpoint.address().toString();
  }
}
