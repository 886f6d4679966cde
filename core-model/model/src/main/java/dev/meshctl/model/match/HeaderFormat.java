package dev.meshctl.model.match;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A header value with Envoy's {@code %OPERATORS%}, compiled. What has no value comes to nothing.
 *
 * <p>Thread: any.
 */
public final class HeaderFormat {
  private static final Pattern OPERATOR =
      Pattern.compile("%(?:([A-Z_]+)(?:\\(([^)%]*)\\))?(?::([0-9]+))?)?%");

  private final List<Part> parts;

  /** What an operator asks. */
  public enum Operator {
    REQ,
    RESP,
    DOWNSTREAM_REMOTE_ADDRESS,
    DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT,
    DOWNSTREAM_REMOTE_PORT,
    DOWNSTREAM_DIRECT_REMOTE_ADDRESS,
    DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT,
    DOWNSTREAM_DIRECT_REMOTE_PORT,
    DOWNSTREAM_LOCAL_ADDRESS,
    DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT,
    DOWNSTREAM_LOCAL_PORT,
    DOWNSTREAM_PEER_URI_SAN,
    DOWNSTREAM_PEER_SUBJECT,
    DOWNSTREAM_PEER_FINGERPRINT_256,
    REQUESTED_SERVER_NAME,
    PROTOCOL,
    ROUTE_NAME,
    VIRTUAL_HOST_NAME,
    UPSTREAM_CLUSTER,
    UPSTREAM_HOST,
    UPSTREAM_REMOTE_ADDRESS,
    RESPONSE_CODE,
    RESPONSE_CODE_DETAILS,
    RESPONSE_FLAGS,
    START_TIME
  }

  /** Answers operators about one exchange. */
  public interface Source {
    /**
     * The value; empty where there is none.
     *
     * @param header of {@code REQ} and {@code RESP}, in lower case; else empty
     */
    String value(Operator operator, String header);
  }

  private sealed interface Part {}

  private record Text(String text) implements Part {}

  /**
   * An operator.
   *
   * @param otherwise the header to ask where the first is absent; empty for none
   * @param most characters of the value; 0 for all
   */
  private record Value(Operator operator, String header, String otherwise, int most)
      implements Part {}

  private HeaderFormat(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /**
   * Compiles {@code format}.
   *
   * @throws IllegalArgumentException that names an operator not known here
   */
  public static HeaderFormat compile(String format) {
    List<Part> parts = new ArrayList<>();
    Matcher matcher = OPERATOR.matcher(format);
    int at = 0;
    while (matcher.find()) {
      text(format.substring(at, matcher.start()), parts);
      parts.add(matcher.group(1) == null ? new Text("%") : value(matcher));
      at = matcher.end();
    }
    text(format.substring(at), parts);
    return new HeaderFormat(parts);
  }

  private static void text(String text, List<Part> parts) {
    if (text.indexOf('%') >= 0) {
      throw new IllegalArgumentException(
          text + " (expected: %OPERATOR%, %OPERATOR(ARGUMENT)%, or %% for a percent sign)");
    }
    if (!text.isEmpty()) {
      parts.add(new Text(text));
    }
  }

  private static Value value(Matcher matcher) {
    String name = matcher.group(1);
    String argument = matcher.group(2) == null ? "" : matcher.group(2).toLowerCase(Locale.ROOT);
    int most = matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3));
    for (Operator operator : Operator.values()) {
      boolean asksHeader = operator == Operator.REQ || operator == Operator.RESP;
      if (operator.name().equals(name) && asksHeader != argument.isEmpty()) {
        int mark = argument.indexOf('?');
        return mark < 0
            ? new Value(operator, argument, "", most)
            : new Value(operator, argument.substring(0, mark), argument.substring(mark + 1), most);
      }
    }
    throw new IllegalArgumentException(
        "operator "
            + matcher.group()
            + " (expected: one that is supported here, such as"
            + " %DOWNSTREAM_REMOTE_ADDRESS% or %REQ(NAME)%)");
  }

  /** The value for one exchange. */
  public String apply(Source source) {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      switch (part) {
        case Text(var literal) -> text.append(literal);
        case Value(var operator, var header, var otherwise, int most) -> {
          String value = source.value(operator, header);
          if (value.isEmpty() && !otherwise.isEmpty()) {
            value = source.value(operator, otherwise);
          }
          text.append(most > 0 && value.length() > most ? value.substring(0, most) : value);
        }
      }
    }
    return text.toString();
  }
}
