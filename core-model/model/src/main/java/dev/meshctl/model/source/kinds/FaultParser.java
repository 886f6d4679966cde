package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.Suggestion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code fault} of a VirtualService rule. */
final class FaultParser {
  /** By number, as gRPC has them. */
  private static final List<String> GRPC_CODES =
      List.of(
          "OK",
          "CANCELLED",
          "UNKNOWN",
          "INVALID_ARGUMENT",
          "DEADLINE_EXCEEDED",
          "NOT_FOUND",
          "ALREADY_EXISTS",
          "PERMISSION_DENIED",
          "RESOURCE_EXHAUSTED",
          "FAILED_PRECONDITION",
          "ABORTED",
          "OUT_OF_RANGE",
          "UNIMPLEMENTED",
          "INTERNAL",
          "UNAVAILABLE",
          "DATA_LOSS",
          "UNAUTHENTICATED");

  private FaultParser() {}

  static VirtualService.Fault fault(YamlObject fault) {
    return new VirtualService.Fault(
        fault.object("delay").flatMap(FaultParser::delay),
        fault.object("abort").map(FaultParser::abort));
  }

  /** {@code percentage.value}, 0 to 100. */
  static Optional<Double> percentage(YamlObject from, String key) {
    return from.object(key).flatMap(percentage -> percentage.decimal("value", 0, 100));
  }

  private static Optional<VirtualService.Delay> delay(YamlObject delay) {
    delay.notApplied("exponentialDelay");
    double share = share(delay);
    if (!delay.has("fixedDelay") && !delay.has("exponentialDelay")) {
      delay.missing("fixedDelay");
    }
    Optional<Duration> fixed = Durations.istio(delay, "fixedDelay");
    return fixed.map(duration -> new VirtualService.Delay(share, duration));
  }

  private static VirtualService.Abort abort(YamlObject abort) {
    abort.notApplied("http2Error");
    double share = share(abort);
    int http = abort.number("httpStatus", 200, 599).orElse(-1);
    int grpc = abort.text("grpcStatus").map(word -> grpcCode(abort, word)).orElse(-1);
    if (abort.has("httpStatus") && abort.has("grpcStatus")) {
      abort.report(
          DiagnosticCode.CONFLICTING_FIELDS,
          "grpcStatus",
          "stands beside httpStatus (expected: one of the two)");
    } else if (http < 0 && grpc < 0 && !abort.has("http2Error")) {
      abort.missing("httpStatus");
    }
    return new VirtualService.Abort(share, http, grpc);
  }

  /** Nothing written is every request (Istio). */
  private static double share(YamlObject from) {
    return percentage(from, "percentage").or(() -> from.decimal("percent", 0, 100)).orElse(100.0);
  }

  private static int grpcCode(YamlObject abort, String word) {
    int code = GRPC_CODES.indexOf(word);
    if (code >= 0) {
      return code;
    }
    if (word.matches("\\d{1,2}") && Integer.parseInt(word) < GRPC_CODES.size()) {
      return Integer.parseInt(word);
    }
    abort.report(
        DiagnosticCode.UNKNOWN_VALUE,
        "grpcStatus",
        "'" + word + "' (expected: a gRPC status such as UNAVAILABLE)",
        Suggestion.fix(word, GRPC_CODES, DiagnosticCode.UNKNOWN_VALUE.fix()));
    return 0;
  }
}
