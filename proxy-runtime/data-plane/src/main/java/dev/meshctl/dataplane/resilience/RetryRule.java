package dev.meshctl.dataplane.resilience;

import dev.meshctl.model.match.CompiledHeaderMatches;
import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.Retry.Elsewhere;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * A compiled {@link Retry}: which outcomes of a try deserve another. Conditions are Envoy's {@code
 * x-envoy-retry-on} and {@code x-envoy-retry-grpc-on} names; a number such as {@code 503}, as Istio
 * writes it, is that status. Unknown names count for nothing, as in Envoy.
 *
 * <p>Thread: any.
 */
public final class RetryRule {
  /** Never retries. */
  public static final RetryRule NONE = new RetryRule();

  private static final int RETRIABLE_4XX = 409;
  private static final int GRPC_CODES = 17;

  private final BitSet statuses = new BitSet(600);
  private final int attempts;
  private final long perTryTimeoutNanos;
  private int grpcStatuses;
  private boolean reset;
  private boolean resetBeforeRequest;
  private boolean connectFailure;
  private boolean refusedStream;
  private boolean rateLimited;
  private boolean retriableHeaders;
  private final Retry config;
  private final Backoff backoff;
  private final ResetWait resetWait;
  private final CompiledHeaderMatches headers;
  private final CompiledHeaderMatches requestHeaders;

  private RetryRule() {
    this(new Retry(List.of(), 0, Duration.ZERO));
  }

  private RetryRule(Retry retry) {
    this.config = retry;
    this.attempts = retry.attempts();
    this.perTryTimeoutNanos = retry.perTryTimeout().toNanos();
    this.backoff =
        retry
            .backoff()
            .map(range -> new Backoff(range.base().toNanos(), range.most().toNanos()))
            .orElse(Backoff.DEFAULT);
    this.resetWait = new ResetWait(retry.resetHeaders(), retry.mostReset());
    this.headers = CompiledHeaderMatches.compile(retry.headers());
    this.requestHeaders = CompiledHeaderMatches.compile(retry.requestHeaders());
    for (String conditions : retry.retryOn()) {
      for (String condition : conditions.split(",")) {
        add(condition.trim().toLowerCase(Locale.ROOT));
      }
    }
  }

  /**
   * This rule with what a request asks for: conditions and statuses beside its own, other attempts
   * and time of a try in place of its own.
   *
   * @param conditions separated by commas; empty for none
   * @param newAttempts -1 keeps them; a rule that had none gets one with the first condition
   * @param newPerTryNanos -1 keeps it
   */
  public RetryRule with(String conditions, int newAttempts, long newPerTryNanos) {
    List<String> all = new ArrayList<>(config.retryOn());
    if (!conditions.isEmpty()) {
      all.add(conditions);
    }
    int kept = attempts == 0 && !conditions.isEmpty() ? 1 : attempts;
    return new RetryRule(
        new Retry(
            all,
            newAttempts < 0 ? kept : newAttempts,
            newPerTryNanos < 0 ? config.perTryTimeout() : Duration.ofNanos(newPerTryNanos),
            config.perTryIdleTimeout(),
            config.backoff(),
            config.resetHeaders(),
            config.mostReset(),
            config.headers(),
            config.requestHeaders(),
            config.elsewhere()));
  }

  /** How long to wait before a try that no answer says more about. */
  public Backoff backoff() {
    return backoff;
  }

  /** Where retries do not go. */
  public Elsewhere elsewhere() {
    return config.elsewhere();
  }

  /** How long an answer asks to wait. */
  public ResetWait resetWait() {
    return resetWait;
  }

  /** 0 is off. */
  public long perTryIdleNanos() {
    return config.perTryIdleTimeout().toNanos();
  }

  /** Whether {@code request} may be retried at all. */
  public boolean takes(CompiledHeaderMatches.Source request) {
    return requestHeaders.isEmpty() || requestHeaders.anyMatches(request);
  }

  public static RetryRule compile(Retry retry) {
    return new RetryRule(retry);
  }

  private void add(String condition) {
    switch (condition) {
      case "5xx" -> {
        statuses.set(500, 600);
        addNoAnswer();
      }
      case "gateway-error" -> {
        statuses.set(502, 505);
        addNoAnswer();
      }
      case "reset" -> addNoAnswer();
      case "reset-before-request" -> resetBeforeRequest = true;
      case "connect-failure" -> connectFailure = true;
      case "envoy-ratelimited" -> rateLimited = true;
      case "retriable-headers" -> retriableHeaders = true;
      case "refused-stream" -> refusedStream = true;
      case "retriable-4xx" -> statuses.set(RETRIABLE_4XX);
      case "cancelled" -> grpcStatuses |= 1 << 1;
      case "unknown" -> grpcStatuses |= 1 << 2;
      case "deadline-exceeded" -> grpcStatuses |= 1 << 4;
      case "resource-exhausted" -> grpcStatuses |= 1 << 8;
      case "internal" -> grpcStatuses |= 1 << 13;
      case "unavailable" -> grpcStatuses |= 1 << 14;
      default -> addStatus(condition);
    }
  }

  /** Envoy counts every end without an answer as a reset, and a reset as 5xx and gateway error. */
  private void addNoAnswer() {
    reset = true;
    connectFailure = true;
    refusedStream = true;
  }

  /** {@code retriable-status-codes} carries its codes beside it; Istio writes them as names. */
  private void addStatus(String condition) {
    if (condition.length() == 3 && condition.chars().allMatch(c -> c >= '0' && c <= '9')) {
      statuses.set(Integer.parseInt(condition));
    }
  }

  /** Tries beyond the first, 0 for none. */
  public int attempts() {
    return attempts;
  }

  /** 0 is off. */
  public long perTryTimeoutNanos() {
    return perTryTimeoutNanos;
  }

  /**
   * After a response head.
   *
   * @param status HTTP
   * @param grpcStatus of a response of headers only; -1 where there is none
   */
  public boolean afterResponse(int status, int grpcStatus) {
    return statuses.get(status)
        || (grpcStatus >= 0 && grpcStatus < GRPC_CODES && (grpcStatuses & (1 << grpcStatus)) != 0);
  }

  /**
   * After a response head with all it says. One that a rate limit gave ({@code
   * x-envoy-ratelimited}) is retried where that is asked for by name, and never else.
   */
  public boolean afterResponse(int status, int grpcStatus, CompiledHeaderMatches.Source response) {
    if (response.header("x-envoy-ratelimited") != null) {
      return rateLimited;
    }
    return afterResponse(status, grpcStatus) || (retriableHeaders && headers.anyMatches(response));
  }

  /** After a connection that did not come to be, its time-out included. */
  public boolean afterConnectFailure() {
    return connectFailure;
  }

  /**
   * After a try that ended without a response head: reset, connection closed, per-try time-out.
   *
   * @param requestSent any byte of the request has left
   */
  public boolean afterReset(boolean requestSent) {
    return reset || (resetBeforeRequest && !requestSent);
  }

  /** After {@code REFUSED_STREAM}, or a GOAWAY that left the stream out: it was never processed. */
  public boolean afterRefusedStream() {
    return refusedStream;
  }
}
