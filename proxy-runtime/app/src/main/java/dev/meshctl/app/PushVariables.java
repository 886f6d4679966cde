package dev.meshctl.app;

import dev.meshctl.controlplane.serve.PushSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@link PushSettings} from the environment of a control plane. The two for debouncing have the
 * names that Istio's control plane gives them.
 */
public final class PushVariables {
  private static final String DEBOUNCE_AFTER = "PILOT_DEBOUNCE_AFTER";
  private static final String DEBOUNCE_MAX = "PILOT_DEBOUNCE_MAX";
  private static final String UNANSWERED_BYTES = "MESHCTL_PUSH_UNANSWERED_BYTES";
  private static final String PATIENCE = "MESHCTL_PUSH_PATIENCE";
  private static final String REQUESTS_PER_SECOND = "MESHCTL_STREAM_REQUESTS_PER_SECOND";
  private static final String REQUEST_BURST = "MESHCTL_STREAM_REQUEST_BURST";

  /** All of them. */
  public static final List<String> NAMES =
      List.of(
          DEBOUNCE_AFTER,
          DEBOUNCE_MAX,
          UNANSWERED_BYTES,
          PATIENCE,
          REQUESTS_PER_SECOND,
          REQUEST_BURST);

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
        variables.duration(DEBOUNCE_AFTER, otherwise.debounceAfter()),
        variables.duration(DEBOUNCE_MAX, otherwise.debounceMax()),
        variables.number(UNANSWERED_BYTES, otherwise.unansweredBytes(), MOST_BYTES),
        variables.duration(PATIENCE, otherwise.patience()),
        (int) variables.number(REQUESTS_PER_SECOND, otherwise.requestsPerSecond(), MOST_REQUESTS),
        (int) variables.number(REQUEST_BURST, otherwise.requestBurst(), MOST_REQUESTS));
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
