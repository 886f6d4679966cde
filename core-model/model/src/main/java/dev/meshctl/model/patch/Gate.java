package dev.meshctl.model.patch;

import dev.meshctl.model.patch.PatchEvent.Verdict;
import java.time.Duration;
import java.util.Locale;

/**
 * What must hold for the traffic of the proxies that were touched, or all goes back.
 *
 * @param leastSuccess share of requests that do not fail, 0 to 1; 0 for any
 * @param mostP99 of latency; zero for any
 * @param leastRequests below which nothing is concluded
 * @param window that is looked at, the last so many seconds
 */
public record Gate(double leastSuccess, Duration mostP99, long leastRequests, Duration window) {
  /** 99.9 % of at least 20 requests in the last ten seconds. */
  public static final Gate DEFAULT = new Gate(0.999, Duration.ZERO, 20, Duration.ofSeconds(10));

  public Gate {
    if (!(leastSuccess >= 0 && leastSuccess <= 1)) {
      throw new IllegalArgumentException("leastSuccess: " + leastSuccess + " (expected: 0 to 1)");
    }
    if (mostP99.isNegative() || leastRequests < 1 || window.toSeconds() < 1) {
      throw new IllegalArgumentException(
          "mostP99: "
              + mostP99
              + ", leastRequests: "
              + leastRequests
              + ", window: "
              + window
              + " (expected: 0 or longer, 1 or more, 1 s or longer)");
    }
  }

  /**
   * What was measured in the window.
   *
   * @param errors as the golden signals count them
   * @param p99Micros 0 where there were no requests
   */
  public record Measured(long requests, long errors, long p99Micros) {}

  public Verdict judge(Measured measured) {
    if (measured.requests < leastRequests) {
      return new Verdict.Well();
    }
    double success = 1 - (double) measured.errors / measured.requests;
    if (success < leastSuccess) {
      return new Verdict.Ill(
          String.format(
              Locale.ROOT,
              "%.2f%% of %d requests succeeded (expected: %.2f%% or more)",
              success * 100,
              measured.requests,
              leastSuccess * 100));
    }
    if (!mostP99.isZero() && measured.p99Micros > mostP99.toNanos() / 1000) {
      return new Verdict.Ill(
          String.format(
              Locale.ROOT,
              "p99 was %.1f ms (expected: %.1f ms or less)",
              measured.p99Micros / 1e3,
              mostP99.toNanos() / 1e6));
    }
    return new Verdict.Well();
  }
}
