package dev.meshctl.app;

import dev.meshctl.app.config.ControlPlaneVariables;
import dev.meshctl.controlplane.serve.PushSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@link PushSettings} from the environment of a control plane. The two for debouncing have the
 * names that Istio's control plane gives them.
 */
final class PushVariables {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,7})(ms|s|m)");
  private static final Pattern NUMBER = Pattern.compile("[1-9]\\d{0,12}");

  private static final long MOST_BYTES = 1L << 40;
  private static final long MOST_REQUESTS = 1_000_000;

  private final Map<String, String> environment;

  private PushVariables(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * @throws IOException naming the variable that cannot be read
   */
  static PushSettings read(Map<String, String> environment) throws IOException {
    PushVariables variables = new PushVariables(environment);
    PushSettings otherwise = PushSettings.DEFAULT;
    return new PushSettings(
        variables.duration(ControlPlaneVariables.DEBOUNCE_AFTER, otherwise.debounceAfter()),
        variables.duration(ControlPlaneVariables.DEBOUNCE_MAX, otherwise.debounceMax()),
        variables.number(
            ControlPlaneVariables.UNANSWERED_BYTES, otherwise.unansweredBytes(), MOST_BYTES),
        variables.duration(ControlPlaneVariables.PATIENCE, otherwise.patience()),
        (int)
            variables.number(
                ControlPlaneVariables.REQUESTS_PER_SECOND,
                otherwise.requestsPerSecond(),
                MOST_REQUESTS),
        (int)
            variables.number(
                ControlPlaneVariables.REQUEST_BURST, otherwise.requestBurst(), MOST_REQUESTS));
  }

  private Duration duration(String name, Duration otherwise) throws IOException {
    String text = environment.get(name);
    if (text == null) {
      return otherwise;
    }
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IOException(name + ": " + text + " (expected: 30ms, 10s or 1m)");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      default -> Duration.ofMinutes(number);
    };
  }

  private long number(String name, long otherwise, long most) throws IOException {
    String text = environment.get(name);
    if (text == null) {
      return otherwise;
    }
    if (!NUMBER.matcher(text).matches() || Long.parseLong(text) > most) {
      throw new IOException(name + ": " + text + " (expected: 1 to " + most + ")");
    }
    return Long.parseLong(text);
  }
}
