package dev.meshctl.model.xds;

import dev.meshctl.model.xds.route.HeaderMatch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code RetryPolicy}.
 *
 * @param retryOn Envoy condition names, for example {@code connect-failure}
 * @param attempts retries beyond the first try
 * @param perTryTimeout zero is off
 * @param perTryIdleTimeout zero is off
 * @param backoff empty for 25 ms, doubled up to 250 ms
 * @param resetHeaders of a response, first to last: how long to wait before the next try
 * @param mostReset what asks for longer is not heeded
 * @param headers of a response, any of which makes it retriable under {@code retriable-headers}
 * @param requestHeaders only requests with any of them are retried; empty for all
 * @param elsewhere where retries do not go
 */
public record Retry(
    List<String> retryOn,
    int attempts,
    Duration perTryTimeout,
    Duration perTryIdleTimeout,
    Optional<BackoffRange> backoff,
    List<ResetHeader> resetHeaders,
    Duration mostReset,
    List<HeaderMatch> headers,
    List<HeaderMatch> requestHeaders,
    Elsewhere elsewhere) {
  /** Envoy's. */
  public static final Duration MOST_RESET = Duration.ofSeconds(300);

  public Retry {
    retryOn = List.copyOf(retryOn);
    resetHeaders = List.copyOf(resetHeaders);
    headers = List.copyOf(headers);
    requestHeaders = List.copyOf(requestHeaders);
  }

  public Retry(
      List<String> retryOn,
      int attempts,
      Duration perTryTimeout,
      Duration perTryIdleTimeout,
      Optional<BackoffRange> backoff,
      List<ResetHeader> resetHeaders,
      Duration mostReset,
      List<HeaderMatch> headers,
      List<HeaderMatch> requestHeaders) {
    this(
        retryOn,
        attempts,
        perTryTimeout,
        perTryIdleTimeout,
        backoff,
        resetHeaders,
        mostReset,
        headers,
        requestHeaders,
        Elsewhere.NONE);
  }

  /** The same with other waits between tries. */
  public Retry waiting(BackoffRange other) {
    return new Retry(
        retryOn,
        attempts,
        perTryTimeout,
        perTryIdleTimeout,
        Optional.of(other),
        resetHeaders,
        mostReset,
        headers,
        requestHeaders,
        elsewhere);
  }

  /** The same with retries that do not go there. */
  public Retry going(Elsewhere other) {
    return new Retry(
        retryOn,
        attempts,
        perTryTimeout,
        perTryIdleTimeout,
        backoff,
        resetHeaders,
        mostReset,
        headers,
        requestHeaders,
        other);
  }

  public Retry(List<String> retryOn, int attempts, Duration perTryTimeout) {
    this(
        retryOn,
        attempts,
        perTryTimeout,
        Duration.ZERO,
        Optional.empty(),
        List.of(),
        Duration.ZERO,
        List.of(),
        List.of());
  }

  /**
   * Where retries go, beside other hosts than before.
   *
   * @param omitted not to hosts with all of any of these labels, where there are others: {@code
   *     omit_host_metadata}, {@code omit_canary_hosts}
   * @param prioritiesEvery after this many tries, priorities that were tried are left out: {@code
   *     previous_priorities}, 0 is off
   */
  public record Elsewhere(List<Labels> omitted, int prioritiesEvery) {
    public static final Elsewhere NONE = new Elsewhere(List.of(), 0);

    /** Labels of hosts that are canaries. */
    public static final Labels CANARY = new Labels(Map.of("canary", new Labels.Value.Flag(true)));

    public Elsewhere {
      omitted = List.copyOf(omitted);
    }
  }

  /** {@code RetryBackOff}; {@code most} is not shorter than {@code base}. */
  public record BackoffRange(Duration base, Duration most) {}

  /**
   * {@code ResetHeader}, for example {@code retry-after}.
   *
   * @param unixTimestamp the value is a moment in seconds since 1970; else a number of seconds
   */
  public record ResetHeader(String name, boolean unixTimestamp) {}
}
