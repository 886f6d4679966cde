package dev.meshctl.model.explain.hindsight;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads lines that a format with {@code %OPERATORS%} wrote, back to the operators' values.
 *
 * <p>Threads: any; immutable.
 */
final class LineFormat {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Pattern OPERATOR =
      Pattern.compile("%([A-Z_]+(?:\\([^)]*\\))?)(?::[0-9]{1,5})?%|%%");

  private final Pattern line;
  private final List<String> operators;
  private final Map<String, String> members;

  private LineFormat(Pattern line, List<String> operators, Map<String, String> members) {
    this.line = line;
    this.operators = operators;
    this.members = members;
  }

  /** Lines of text. A value that stands between quotes ends at the next one that is not escaped. */
  static LineFormat text(String format) {
    String stripped = format.strip();
    StringBuilder pattern = new StringBuilder();
    List<String> operators = new ArrayList<>();
    Matcher operator = OPERATOR.matcher(stripped);
    int at = 0;
    while (operator.find()) {
      literal(pattern, stripped.substring(at, operator.start()));
      at = operator.end();
      String name = operator.group(1);
      if (name == null) {
        literal(pattern, "%");
        continue;
      }
      operators.add(name);
      pattern.append('(').append(value(stripped, operator)).append(')');
    }
    literal(pattern, stripped.substring(at));
    return new LineFormat(Pattern.compile(pattern.toString()), operators, Map.of());
  }

  private static void literal(StringBuilder pattern, String text) {
    if (!text.isEmpty()) {
      pattern.append(Pattern.quote(text));
    }
  }

  /** What the value of an operator may be, by what stands around it. */
  private static String value(String format, Matcher operator) {
    char after = operator.end() < format.length() ? format.charAt(operator.end()) : ' ';
    if (inQuotes(format, operator)) {
      return after == '"' ? "(?:[^\"\\\\]|\\\\.)*" : "(?:[^\"\\\\]|\\\\.)*?";
    }
    // A time may be of a form with blanks; other values that stand free have none.
    return after == ']' ? "[^\\]]*" : after == ' ' ? "\\S*" : ".*?";
  }

  private static boolean inQuotes(String format, Matcher operator) {
    return format.substring(0, operator.start()).chars().filter(c -> c == '"').count() % 2 == 1;
  }

  /** Objects of JSON, whatever else they have. */
  static LineFormat json(Map<String, String> members) {
    Map<String, String> operators = new LinkedHashMap<>();
    members.forEach((member, text) -> {
      Matcher operator = OPERATOR.matcher(text);
      if (operator.matches() && operator.group(1) != null) {
        operators.put(member, operator.group(1));
      }
    });
    return new LineFormat(OPERATOR, List.of(), operators);
  }

  /** Values by operator, without those that the line says are not there; empty for another line. */
  Optional<Map<String, String>> read(String text) {
    return members.isEmpty() ? readText(text) : readJson(text);
  }

  private Optional<Map<String, String>> readText(String text) {
    Matcher matched = line.matcher(text);
    if (!matched.matches()) {
      return Optional.empty();
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < operators.size(); i++) {
      put(values, operators.get(i), unescaped(matched.group(i + 1)));
    }
    return Optional.of(values);
  }

  private Optional<Map<String, String>> readJson(String text) {
    JsonNode object;
    try {
      object = JSON.readTree(text);
    } catch (JacksonException broken) {
      return Optional.empty();
    }
    Map<String, String> values = new LinkedHashMap<>();
    members.forEach((member, operator) -> {
      JsonNode value = object.path(member);
      put(
          values,
          operator,
          value.isString()
              ? value.stringValue()
              : value.isValueNode() && !value.isNull() ? value.toString() : null);
    });
    return values.isEmpty() ? Optional.empty() : Optional.of(values);
  }

  private static void put(Map<String, String> values, String operator, @Nullable String value) {
    if (value != null && !value.isEmpty() && !value.equals("-")) {
      values.put(operator, value);
    }
  }

  /**
   * Our text escapes quotes and control characters as {@code \\xNN}, Envoy's some as {@code \\"}.
   */
  private static String unescaped(String value) {
    if (value.indexOf('\\') < 0) {
      return value;
    }
    return Pattern.compile("\\\\(?:x([0-9A-Fa-f]{2})|(.))")
        .matcher(value)
        .replaceAll(escape ->
            Matcher.quoteReplacement(
                escape.group(1) == null
                    ? escape.group(2)
                    : String.valueOf((char) Integer.parseInt(escape.group(1), 16))));
  }
}
