package dev.meshctl.dataplane.resilience;

import dev.meshctl.model.xds.AdmissionControl;
import dev.meshctl.model.xds.AdmissionControl.StatusRange;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Refuses requests with a chance that grows as fewer of the last ones succeed (Envoy's admission
 * control):
 *
 * <pre>
 * chance = ((requests - successes / threshold) / (requests + 1)) ^ (1 / aggression), at most its
 *          largest; 0 above the threshold and below the least rate of requests
 * </pre>
 *
 * <p>What was refused does not count, so that a service that is well again is found out. The window
 * slides by the second.
 *
 * <p>Thread: confined to one event loop.
 */
public final class AdmissionController {
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final AdmissionControl settings;
  private final RandomGenerator dice;
  private final long[] requests;
  private final long[] successes;
  private final long startNanos;
  private long second;
  private long allRequests;
  private long allSuccesses;
  private long refused;
  private long succeeded;
  private long failed;

  public AdmissionController(AdmissionControl settings, RandomGenerator dice, long nowNanos) {
    this.settings = settings;
    this.dice = dice;
    this.startNanos = nowNanos;
    int seconds = (int) Math.clamp(Math.round(settings.window().toMillis() / 1000.0), 1, 3600);
    this.requests = new long[seconds];
    this.successes = new long[seconds];
  }

  /** Lets a request pass, or does not. */
  public boolean admits(long nowNanos) {
    double chance = chance(nowNanos);
    if (chance > 0 && dice.nextDouble() < chance) {
      refused++;
      return false;
    }
    return true;
  }

  /** The chance that the next request is refused, 0 to 1. */
  public double chance(long nowNanos) {
    slide(nowNanos);
    if (allRequests == 0
        || allRequests < (long) settings.minRequestsPerSecond() * requests.length) {
      return 0;
    }
    double threshold = settings.thresholdPercent() / 100;
    double excess = (allRequests - allSuccesses / threshold) / (allRequests + 1);
    if (excess <= 0) {
      return 0;
    }
    return Math.min(
        Math.pow(excess, 1 / settings.aggression()), settings.maxRejectionPercent() / 100);
  }

  /** A request that was let through has ended. */
  public void ended(boolean success, long nowNanos) {
    slide(nowNanos);
    int at = (int) (second % requests.length);
    requests[at]++;
    allRequests++;
    if (success) {
      successes[at]++;
      allSuccesses++;
      succeeded++;
    } else {
      failed++;
    }
  }

  private void slide(long nowNanos) {
    long now = (nowNanos - startNanos) / SECOND_NANOS;
    long steps = Math.min(now - second, requests.length);
    for (long step = 1; step <= steps; step++) {
      int at = (int) ((second + step) % requests.length);
      allRequests -= requests[at];
      allSuccesses -= successes[at];
      requests[at] = 0;
      successes[at] = 0;
    }
    second = Math.max(second, now);
  }

  /**
   * Whether an answer is a success.
   *
   * @param grpcStatus -1 where it is no gRPC
   */
  public boolean isSuccess(int status, int grpcStatus) {
    if (grpcStatus >= 0) {
      return settings.grpcSuccess().isEmpty()
          ? usual(grpcStatus)
          : settings.grpcSuccess().contains(grpcStatus);
    }
    if (settings.httpSuccess().isEmpty()) {
      return status < 500;
    }
    for (StatusRange range : settings.httpSuccess()) {
      if (range.holds(status)) {
        return true;
      }
    }
    return false;
  }

  /** Those that fewer requests would not change: Envoy's list. */
  private static boolean usual(int grpcStatus) {
    return switch (grpcStatus) {
      case 0, 1, 2, 3, 5, 6, 7, 9, 11, 12, 16 -> true;
      default -> false;
    };
  }

  public long refused() {
    return refused;
  }

  public long succeeded() {
    return succeeded;
  }

  public long failed() {
    return failed;
  }
}
