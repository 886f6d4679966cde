package dev.meshctl.dataplane.observe.log;

import dev.meshctl.dataplane.observe.log.LogField.Style;
import dev.meshctl.model.xds.AccessLog;
import dev.meshctl.model.xds.AccessLog.Value;
import dev.meshctl.model.xds.IstioLogFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A format of the access log, compiled: text with Envoy's {@code %OPERATORS%}, or a JSON object of
 * them.
 *
 * <p>Thread: any.
 */
public final class LogFormat {
  /** The format of Istio, which is Envoy's default with more fields. */
  public static final String ISTIO = IstioLogFormat.TEXT;

  /** Envoy's default. */
  public static final String ENVOY = AccessLog.Format.Default.TEXT;

  private static final Pattern OPERATOR =
      Pattern.compile("%([A-Z_]+)(?:\\(([^)]*)\\))?(?::([0-9]{1,5}))?%|%%");

  private final List<Placed> fields;
  private final Set<String> responseHeaders;
  private final Set<String> trailers;

  /** A field and where its value stands. */
  private record Placed(LogField field, Style style) {}

  private LogFormat(Compiling parts) {
    this.fields = List.copyOf(parts.fields);
    this.responseHeaders = Set.copyOf(parts.responseHeaders);
    this.trailers = Set.copyOf(parts.trailers);
  }

  /** What is found while a format is read. */
  private static final class Compiling {
    final List<Placed> fields = new ArrayList<>();
    final Set<String> responseHeaders = new TreeSet<>();
    final Set<String> trailers = new TreeSet<>();

    void literal(String text) {
      if (!text.isEmpty()) {
        fields.add(new Placed(new LogField.Literal(text), Style.TEXT));
      }
    }

    /** Text with operators in it. */
    void text(String text, Style style) {
      Matcher operators = OPERATOR.matcher(text);
      int at = 0;
      while (operators.find()) {
        literal(between(text, at, operators.start(), style));
        operator(operators, style);
        at = operators.end();
      }
      literal(between(text, at, text.length(), style));
    }

    private static String between(String text, int from, int to, Style style) {
      String literal = text.substring(from, to);
      if (literal.indexOf('%') >= 0) {
        throw new IllegalArgumentException(
            "access log: %s: a %% that begins no operator (expected: %%NAME%%, %%NAME(ARGUMENT)%%"
                    .formatted(text)
                + " or %%)");
      }
      return style == Style.TEXT ? literal : escaped(literal);
    }

    void operator(Matcher operator, Style style) {
      String name = operator.group(1);
      if (name == null) {
        literal("%");
        return;
      }
      String argument = operator.group(2) == null ? "" : operator.group(2);
      int most = operator.group(3) == null ? 0 : Integer.parseInt(operator.group(3));
      LogField field =
          LogOperators.of(name, argument, most)
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "access log: unknown operator %s (expected: one of Envoy's that is supported"
                              .formatted(operator.group())
                          + " here, such as %DURATION% or %REQ(NAME)%)"));
      if (name.equals("RESP")) {
        responseHeaders.addAll(names(argument));
      } else if (name.equals("TRAILER")) {
        trailers.addAll(names(argument));
      }
      fields.add(new Placed(field, style));
    }

    private static List<String> names(String argument) {
      return List.of(argument.toLowerCase(Locale.ROOT).split("\\?"));
    }

    void json(Value value) {
      switch (value) {
        case Value.Text(var text) -> {
          Matcher whole = OPERATOR.matcher(text);
          if (whole.matches()) {
            operator(whole, Style.JSON);
          } else {
            literal("\"");
            text(text, Style.WITHIN_JSON);
            literal("\"");
          }
        }
        case Value.Number(var number) ->
            literal(
                number == Math.rint(number) && Math.abs(number) < 1e15
                    ? Long.toString((long) number)
                    : Double.toString(number));
        case Value.Flag(var flag) -> literal(Boolean.toString(flag));
        case Value.Null() -> literal("null");
        case Value.Items(var items) -> {
          String before = "[";
          for (Value item : items) {
            literal(before);
            json(item);
            before = ",";
          }
          literal(items.isEmpty() ? "[]" : "]");
        }
        case Value.Members(var members) -> {
          String before = "{";
          for (Map.Entry<String, Value> member : members.entrySet()) {
            literal(before + '"' + escaped(member.getKey()) + "\":");
            json(member.getValue());
            before = ",";
          }
          literal(members.isEmpty() ? "{}" : "}");
        }
      }
    }
  }

  /**
   * As the configuration says.
   *
   * @throws IllegalArgumentException that names an operator not known here
   */
  public static LogFormat of(AccessLog.Format format) {
    return switch (format) {
      case AccessLog.Format.Default() -> exact(ENVOY);
      case AccessLog.Format.Text(var text) -> exact(text);
      case AccessLog.Format.Json(var members) -> {
        Compiling parts = new Compiling();
        parts.json(members);
        parts.literal("\n");
        yield new LogFormat(parts);
      }
    };
  }

  /** As Envoy does, without a line feed that is not there. */
  private static LogFormat exact(String format) {
    Compiling parts = new Compiling();
    parts.text(format, Style.TEXT);
    return new LogFormat(parts);
  }

  /**
   * A text format; every entry is a line, whether or not it ends with a line feed.
   *
   * @throws IllegalArgumentException that names an operator not known here
   */
  public static LogFormat text(String format) {
    return exact(format.endsWith("\n") ? format : format + "\n");
  }

  /**
   * One JSON object a line; numbers and null as such.
   *
   * @param members name to one operator
   * @throws IllegalArgumentException where a value is not one known operator
   */
  public static LogFormat json(Map<String, String> members) {
    Map<String, Value> values = new LinkedHashMap<>();
    members.forEach((name, operator) -> {
      if (!OPERATOR.matcher(operator).matches()) {
        throw new IllegalArgumentException(
            "access log: %s: %s (expected: one operator such as %%DURATION%%)"
                .formatted(name, operator));
      }
      values.put(name, new Value.Text(operator));
    });
    return of(new AccessLog.Format.Json(new Value.Members(values)));
  }

  /** Istio's members of its JSON encoding. */
  public static LogFormat istioJson() {
    return json(IstioLogFormat.JSON);
  }

  private static String escaped(String name) {
    byte[] space = new byte[name.length() * 6];
    LogSink sink = new LogSink(space);
    sink.putValue(name, true);
    return new String(space, 0, sink.position(), StandardCharsets.UTF_8);
  }

  /** Names, in lower case, whose values of the response it tells. */
  public Set<String> responseHeaders() {
    return responseHeaders;
  }

  /** As {@link #responseHeaders}, of the trailers. */
  public Set<String> trailers() {
    return trailers;
  }

  void write(LogEntry entry, LogSink sink) {
    for (int i = 0; i < fields.size(); i++) {
      Placed placed = fields.get(i);
      placed.field.write(entry, sink, placed.style);
    }
  }
}
