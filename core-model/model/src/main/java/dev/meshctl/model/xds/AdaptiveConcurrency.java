package dev.meshctl.model.xds;

import java.time.Duration;

/**
 * {@code envoy.filters.http.adaptive_concurrency} with its gradient controller: as many requests at
 * a time as the service answers without queueing.
 *
 * @param enabled false lets all pass
 * @param exceededStatus of the answer to one too many, 400 or more
 * @param percentile of the latencies of an interval that counts, 0 to 100
 * @param maxLimit of requests at a time, 1 or more
 * @param updateInterval between two looks at the latencies
 */
public record AdaptiveConcurrency(
    boolean enabled,
    int exceededStatus,
    double percentile,
    int maxLimit,
    Duration updateInterval,
    MinRtt minRtt) {

  /**
   * The latency without queueing: measured from time to time with few requests, or known.
   *
   * @param interval between two measurements, where it is measured
   * @param fixed zero where it is measured
   * @param requests that a measurement takes
   * @param jitterPercent by which the interval is lengthened at random, 0 to 100
   * @param minConcurrency requests at a time while it is measured, and never fewer
   * @param bufferPercent of latency above it that is no queueing yet, 0 to 100
   */
  public record MinRtt(
      Duration interval,
      Duration fixed,
      int requests,
      double jitterPercent,
      int minConcurrency,
      double bufferPercent) {}
}
