package dev.meshctl.dataplane.observe.log;

import dev.meshctl.model.match.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** One {@code %OPERATOR%} of a format, ready to write. */
interface LogField {
  /** Where a value stands. */
  enum Style {
    TEXT,
    /** A JSON value of its own. */
    JSON,
    /** In the middle of a JSON string. */
    WITHIN_JSON
  }

  /** Writes the value, or {@code -} (as a JSON value {@code null}) where there is none. */
  void write(LogEntry entry, LogSink sink, Style style);

  private static void none(LogSink sink, Style style) {
    if (style == Style.JSON) {
      sink.put(Literal.NULL);
    } else {
      sink.put('-');
    }
  }

  static void quote(LogSink sink, Style style) {
    if (style == Style.JSON) {
      sink.put('"');
    }
  }

  /** Text between operators, as it is. */
  final class Literal implements LogField {
    static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private final byte[] text;

    Literal(String text) {
      this.text = text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void write(LogEntry entry, LogSink sink, Style style) {
      sink.put(text);
    }
  }

  /** A number; below zero means none where {@code optional}. */
  final class Number implements LogField {
    private final ToLongFunction<LogEntry> value;
    private final boolean optional;

    Number(ToLongFunction<LogEntry> value, boolean optional) {
      this.value = value;
      this.optional = optional;
    }

    @Override
    public void write(LogEntry entry, LogSink sink, Style style) {
      long number = value.applyAsLong(entry);
      if (optional && number < 0) {
        none(sink, style);
      } else {
        sink.putNumber(number);
      }
    }
  }

  /** A text; empty means none. */
  final class Text implements LogField {
    private final Function<LogEntry, String> value;
    private final int most;

    /**
     * @param most characters, 0 for all
     */
    Text(Function<LogEntry, String> value, int most) {
      this.value = value;
      this.most = most;
    }

    @Override
    public void write(LogEntry entry, LogSink sink, Style style) {
      String text = value.apply(entry);
      if (text.isEmpty()) {
        none(sink, style);
        return;
      }
      quote(sink, style);
      sink.putValue(
          most > 0 && text.length() > most ? text.substring(0, most) : text, style != Style.TEXT);
      quote(sink, style);
    }
  }

  /** Fields of a message, by name. */
  interface Fields {
    @Nullable Bytes find(LogEntry entry, String lowerCaseName);
  }

  /** {@code NAME}, or {@code FIRST?SECOND} where the first may be absent. */
  final class Header implements LogField {
    private final String name;
    private final String otherwise;
    private final Fields fields;
    private final int most;

    private Header(String name, String otherwise, Fields fields, int most) {
      this.name = name;
      this.otherwise = otherwise;
      this.fields = fields;
      this.most = most;
    }

    /**
     * @param most bytes, 0 for all
     */
    static Header of(String argument, Fields fields, int most) {
      String lower = argument.toLowerCase(Locale.ROOT);
      int mark = lower.indexOf('?');
      return mark < 0
          ? new Header(lower, "", fields, most)
          : new Header(lower.substring(0, mark), lower.substring(mark + 1), fields, most);
    }

    @Override
    public void write(LogEntry entry, LogSink sink, Style style) {
      Bytes value = fields.find(entry, name);
      if (value == null && !otherwise.isEmpty()) {
        value = fields.find(entry, otherwise);
      }
      if (value == null) {
        none(sink, style);
        return;
      }
      quote(sink, style);
      sink.putValue(value, most, style != Style.TEXT);
      quote(sink, style);
    }
  }
}
