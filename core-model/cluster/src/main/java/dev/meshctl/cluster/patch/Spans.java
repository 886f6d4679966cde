package dev.meshctl.cluster.patch;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Kubernetes' objects have them: {@code 30s}, {@code 1m30s}, {@code 250ms}. */
final class Spans {
  private static final Pattern PART = Pattern.compile("([0-9]+)(ms|s|m|h)");
  private static final Pattern WHOLE = Pattern.compile("(" + PART.pattern() + ")+");

  private Spans() {}

  /**
   * @param field for the message
   * @throws IllegalArgumentException where it is none
   */
  static Duration read(String field, String text) {
    if (!WHOLE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          field + ": '" + text + "' (expected: a duration such as 250ms, 30s or 1m30s)");
    }
    Duration sum = Duration.ZERO;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      long count = Long.parseLong(part.group(1));
      sum =
          sum.plus(
              switch (part.group(2)) {
                case "ms" -> Duration.ofMillis(count);
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                default -> Duration.ofHours(count);
              });
    }
    return sum;
  }

  static String write(Duration span) {
    return span.toMillis() % 1000 == 0 ? span.toSeconds() + "s" : span.toMillis() + "ms";
  }
}
