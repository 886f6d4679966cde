package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.http.RequestHead;
import dev.meshctl.dataplane.observe.Failure;
import dev.meshctl.model.match.Bytes;
import dev.meshctl.model.match.CompiledAction.CompiledFault;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a fault means to one request: that of the route, or what the request names where the route
 * leaves it to requests (Envoy's {@code x-envoy-fault-*}).
 *
 * <p>Thread: any; stateless.
 */
final class Faults {
  private static final String DELAY = "x-envoy-fault-delay-request";
  private static final String DELAY_PERCENTAGE = "x-envoy-fault-delay-request-percentage";
  private static final String ABORT = "x-envoy-fault-abort-request";
  private static final String ABORT_GRPC = "x-envoy-fault-abort-grpc-request";
  private static final String ABORT_PERCENTAGE = "x-envoy-fault-abort-request-percentage";
  private static final long MOST_DELAY_MILLIS = 3_600_000;

  private Faults() {}

  /** How long to hold the request; 0 for not at all. */
  static long delayNanos(CompiledFault fault, RequestHead head, RandomGenerator dice) {
    if (!fault.delay().hits(dice)) {
      return 0;
    }
    if (!fault.delayByHeader()) {
      return fault.delayNanos();
    }
    long millis = number(head, DELAY, MOST_DELAY_MILLIS);
    return millis > 0 && chosen(head, DELAY_PERCENTAGE, dice) ? millis * 1_000_000 : 0;
  }

  /** What to answer in the upstream's place; null for nothing. */
  static Failure.@Nullable Injected abort(
      CompiledFault fault, RequestHead head, RandomGenerator dice) {
    if (!fault.abort().hits(dice)) {
      return null;
    }
    if (!fault.abortByHeader()) {
      return new Failure.Injected(fault.abortHttpStatus(), fault.abortGrpcStatus());
    }
    long status = number(head, ABORT, 599);
    long grpc = number(head, ABORT_GRPC, 16);
    if ((status < 200 && grpc < 0) || !chosen(head, ABORT_PERCENTAGE, dice)) {
      return null;
    }
    return status >= 200
        ? new Failure.Injected((int) status, -1)
        : new Failure.Injected(0, (int) grpc);
  }

  /** The request may take part less often than the route lets it, never more. */
  private static boolean chosen(RequestHead head, String percentage, RandomGenerator dice) {
    long percent = number(head, percentage, 100);
    return percent < 0 || dice.nextInt(100) < percent;
  }

  /** -1 where the header is none from 0 to {@code most}. */
  private static long number(RequestHead head, String header, long most) {
    Bytes value = head.value(header);
    if (value == null || value.length() == 0 || value.length() > 9) {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < value.length(); i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number <= most ? number : -1;
  }
}
