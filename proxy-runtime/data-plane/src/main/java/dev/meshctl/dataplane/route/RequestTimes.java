package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.http.RequestHead;
import dev.meshctl.dataplane.resilience.RetryRule;
import dev.meshctl.model.match.Bytes;
import dev.meshctl.model.match.CompiledAction;
import dev.meshctl.model.xds.route.Timeouts;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a request says about its own times and retries, by Envoy's {@code x-envoy-} headers and by
 * {@code grpc-timeout}; with the route's word beside it. All in nanoseconds, 0 is off.
 */
final class RequestTimes {
  private static final String TIMEOUT = "x-envoy-upstream-rq-timeout-ms";
  private static final String PER_TRY = "x-envoy-upstream-rq-per-try-timeout-ms";
  private static final String RETRY_ON = "x-envoy-retry-on";
  private static final String RETRY_GRPC_ON = "x-envoy-retry-grpc-on";
  private static final String MAX_RETRIES = "x-envoy-max-retries";
  private static final String STATUSES = "x-envoy-retriable-status-codes";
  private static final long NANOS_A_MILLI = 1_000_000;
  private static final int MOST_DIGITS = 8;

  private RequestTimes() {}

  /** Of the whole exchange; takes the header that says so out of {@code head}. */
  static long timeout(CompiledAction.Forward forward, RequestHead head) {
    Timeouts timeouts = forward.timeouts();
    long nanos = forward.timeoutNanos();
    if (timeouts.grpcMax().isPresent() && head.isGrpc()) {
      nanos = grpc(head, timeouts.grpcMax().get(), timeouts.grpcOffset());
    }
    long asked = millis(head, TIMEOUT);
    return asked < 0 ? nanos : asked;
  }

  /** The longest life of the exchange. */
  static long maxStream(CompiledAction.Forward forward, RequestHead head, long ofListener) {
    Timeouts timeouts = forward.timeouts();
    if (timeouts.grpcMaxStream().isPresent() && head.find("grpc-timeout", 0) >= 0) {
      return grpc(head, timeouts.grpcMaxStream().get(), timeouts.grpcOffset());
    }
    Optional<Duration> own = timeouts.maxStream();
    return own.isPresent() ? own.get().toNanos() : ofListener;
  }

  private static long grpc(RequestHead head, Duration most, Duration offset) {
    long asked = grpcTimeout(head.value("grpc-timeout"));
    long nanos = Math.max(0, asked);
    if (nanos > offset.toNanos()) {
      nanos -= offset.toNanos();
    }
    long bound = most.toNanos();
    return bound > 0 && (nanos == 0 || nanos > bound) ? bound : nanos;
  }

  /** Up to eight digits and a unit (gRPC over HTTP/2); -1 where it is none. */
  static long grpcTimeout(@Nullable Bytes value) {
    if (value == null || value.length() < 2 || value.length() > MOST_DIGITS + 1) {
      return -1;
    }
    long number = number(value, value.length() - 1);
    long unit =
        switch (value.charAt(value.length() - 1)) {
          case 'H' -> 3_600_000_000_000L;
          case 'M' -> 60_000_000_000L;
          case 'S' -> 1_000_000_000L;
          case 'm' -> NANOS_A_MILLI;
          case 'u' -> 1000;
          case 'n' -> 1;
          default -> -1;
        };
    return number < 0 || unit < 0 ? -1 : saturated(number, unit);
  }

  private static long saturated(long number, long unit) {
    return number > Long.MAX_VALUE / unit ? Long.MAX_VALUE : number * unit;
  }

  /**
   * The route's rule with what the request asks for; takes the headers that say so out of {@code
   * head}.
   *
   * @param timeoutNanos of the whole exchange: a try that may take longer has no time of its own
   */
  static RetryRule retry(RetryRule rule, RequestHead head, long timeoutNanos) {
    String conditions = taken(head, RETRY_ON);
    String grpc = taken(head, RETRY_GRPC_ON);
    String statuses = taken(head, STATUSES);
    long most = number(head, MAX_RETRIES);
    long perTry = millis(head, PER_TRY);
    boolean asks = !conditions.isEmpty() || !grpc.isEmpty() || most >= 0 || perTry >= 0;
    long effective = perTry < 0 ? rule.perTryTimeoutNanos() : perTry;
    boolean pointless = timeoutNanos > 0 && effective >= timeoutNanos;
    if (!asks && !pointless) {
      return rule;
    }
    StringBuilder all = new StringBuilder(conditions);
    join(all, grpc);
    if (conditions.contains("retriable-status-codes")) {
      join(all, statuses);
    }
    return rule.with(
        all.toString(), (int) Math.min(most, Integer.MAX_VALUE), pointless ? 0 : perTry);
  }

  private static void join(StringBuilder all, String more) {
    if (!more.isEmpty()) {
      all.append(all.isEmpty() ? "" : ",").append(more);
    }
  }

  private static String taken(RequestHead head, String name) {
    if (head.find(name, 0) < 0) {
      return "";
    }
    Bytes value = head.value(name);
    String text = value == null ? "" : value.toString();
    head.remove(name);
    return text;
  }

  private static long millis(RequestHead head, String name) {
    long number = number(head, name);
    return number < 0 ? -1 : saturated(number, NANOS_A_MILLI);
  }

  private static long number(RequestHead head, String name) {
    String text = taken(head, name);
    return text.isEmpty() ? -1 : number(text, text.length());
  }

  private static long number(CharSequence text, int length) {
    if (length == 0 || length > MOST_DIGITS + 1) {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < length; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }
}
