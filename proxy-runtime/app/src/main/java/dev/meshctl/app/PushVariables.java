package dev.meshctl.app;

import dev.meshctl.app.config.ControlPlaneVariables;
import dev.meshctl.controlplane.serve.PushSettings;
import dev.meshctl.model.xds.ResourceType;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * {@link PushSettings} from the environment of a control plane. The two for debouncing have the
 * names that Istio's control plane gives them.
 */
final class PushVariables {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,7})(ms|s|m)");
  private static final Pattern NUMBER = Pattern.compile("[1-9]\\d{0,12}");

  private static final long MOST_BYTES = 1L << 40;
  private static final long MOST_REQUESTS = 1_000_000;

  /** A response that waits for a proxy to warm up holds the next one back, for 15 s at most. */
  private static final Duration LEAST_TTL = Duration.ofSeconds(30);

  private static final Map<String, ResourceType> TYPES =
      Arrays.stream(ResourceType.values())
          // What a proxy runs on is an order, and none of those that lapse.
          .filter(type -> type != ResourceType.RUNTIME)
          .collect(
              Collectors.toMap(
                  type -> type.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                  Function.identity(),
                  (one, other) -> one,
                  TreeMap::new));

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
                ControlPlaneVariables.REQUEST_BURST, otherwise.requestBurst(), MOST_REQUESTS),
        variables.times(ControlPlaneVariables.RESOURCE_TTL));
  }

  /** {@code cluster=10m,listener=1h}; empty where it is not set. */
  private Map<ResourceType, Duration> times(String name) throws IOException {
    Map<ResourceType, Duration> times = new EnumMap<>(ResourceType.class);
    String text = environment.getOrDefault(name, "");
    for (String each : text.isBlank() ? new String[0] : text.split(",", -1)) {
      String[] sides = each.strip().split("=", -1);
      ResourceType type = TYPES.get(sides[0]);
      if (sides.length != 2 || type == null) {
        throw new IOException(
            name
                + ": "
                + text
                + " (expected: TYPE=DURATION[,TYPE=DURATION…] of "
                + String.join(", ", TYPES.keySet())
                + ")");
      }
      Duration time = duration(name, sides[1]);
      if (time.compareTo(LEAST_TTL) < 0) {
        throw new IOException(
            name + ": " + text + " (expected: " + LEAST_TTL.toSeconds() + "s or more)");
      }
      times.put(type, time);
    }
    return times;
  }

  private Duration duration(String name, Duration otherwise) throws IOException {
    String text = environment.get(name);
    return text == null ? otherwise : duration(name, text);
  }

  private static Duration duration(String name, String text) throws IOException {
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
