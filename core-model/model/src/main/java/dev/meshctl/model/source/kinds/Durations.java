package dev.meshctl.model.source.kinds;

import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Istio (Go syntax, {@code 1.5s}) and the Gateway API (GEP-2257) write them. */
final class Durations {
  private static final Pattern GO =
      Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(h|ms|m|s|us|µs|ns)");
  private static final Pattern GO_WHOLE = Pattern.compile("0|(?:" + GO.pattern() + ")+");
  private static final Pattern GATEWAY_API = Pattern.compile("(?:\\d{1,5}(?:h|m|s|ms)){1,4}");
  private static final int LONGEST = 64;

  private Durations() {}

  /** {@code 1.5s}, {@code 1h30m}, {@code 100ms}; not negative. */
  static Optional<Duration> istio(YamlObject from, String key) {
    return read(from, key, GO_WHOLE, "1.5s, 500ms or 1m30s");
  }

  /** Up to four whole numbers with h, m, s or ms. */
  static Optional<Duration> gatewayApi(YamlObject from, String key) {
    return read(from, key, GATEWAY_API, "10s, 500ms or 1m30s, without fractions");
  }

  private static Optional<Duration> read(
      YamlObject from, String key, Pattern syntax, String expected) {
    return from.text(key)
        .flatMap(written -> {
          if (written.length() <= LONGEST && syntax.matcher(written).matches()) {
            Optional<Duration> duration = sum(written);
            if (duration.isPresent()) {
              return duration;
            }
          }
          from.report(
              DiagnosticCode.INVALID_DURATION,
              key,
              "'" + written + "' (expected: " + expected + ")");
          return Optional.empty();
        });
  }

  private static Optional<Duration> sum(String written) {
    BigDecimal nanos = BigDecimal.ZERO;
    Matcher parts = GO.matcher(written);
    while (parts.find()) {
      nanos = nanos.add(new BigDecimal(parts.group(1)).multiply(nanosOf(parts.group(2))));
    }
    BigDecimal whole = nanos.setScale(0, RoundingMode.HALF_UP);
    return whole.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(whole.longValueExact()));
  }

  private static BigDecimal nanosOf(String unit) {
    return BigDecimal.valueOf(
        switch (unit) {
          case "h" -> 3_600_000_000_000L;
          case "m" -> 60_000_000_000L;
          case "s" -> 1_000_000_000L;
          case "ms" -> 1_000_000L;
          case "us", "µs" -> 1_000L;
          default -> 1L;
        });
  }
}
