package dev.meshctl.dataplane.observe.log;

import dev.meshctl.dataplane.observe.ResponseFlag;
import dev.meshctl.model.match.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** One {@code %OPERATOR%} of a format, ready to write. */
sealed interface LogField {

  /** Writes the value, or {@code -} (in JSON {@code null}) where there is none. */
  void write(LogEntry entry, LogSink sink, boolean json);

  /** The operator of this name, with what stands in its parentheses. */
  static Optional<LogField> of(String operator, String argument) {
    return Optional.ofNullable(
        switch (operator) {
          case "START_TIME" -> new Time();
          case "DURATION" -> new Number(LogEntry::durationMillis, false);
          case "RESPONSE_CODE" -> new Number(LogEntry::status, false);
          case "GRPC_STATUS", "GRPC_STATUS_NUMBER" -> new Number(LogEntry::grpcStatus, true);
          case "RESPONSE_FLAGS" -> new Text(entry -> ResponseFlag.text(entry.flags()));
          case "RESPONSE_CODE_DETAILS" -> new Text(LogEntry::responseDetails);
          case "CONNECTION_TERMINATION_DETAILS" -> new Text(LogEntry::terminationDetails);
          case "UPSTREAM_TRANSPORT_FAILURE_REASON" -> new Text(LogEntry::transportFailure);
          case "BYTES_RECEIVED" -> new Number(LogEntry::bytesReceived, false);
          case "BYTES_SENT" -> new Number(LogEntry::bytesSent, false);
          case "PROTOCOL" -> new Text(LogEntry::protocol);
          case "REQ" -> Header.of(argument, true);
          case "RESP" ->
              argument.equalsIgnoreCase("X-ENVOY-UPSTREAM-SERVICE-TIME")
                  ? new Number(LogEntry::upstreamServiceMillis, true)
                  : Header.of(argument, false);
          case "UPSTREAM_HOST" -> new Text(LogEntry::upstreamHost);
          case "UPSTREAM_CLUSTER", "UPSTREAM_CLUSTER_RAW" -> new Text(LogEntry::upstreamCluster);
          case "UPSTREAM_LOCAL_ADDRESS" -> new Text(LogEntry::upstreamLocalAddress);
          case "DOWNSTREAM_LOCAL_ADDRESS" -> new Text(LogEntry::downstreamLocalAddress);
          case "DOWNSTREAM_REMOTE_ADDRESS" -> new Text(LogEntry::downstreamRemoteAddress);
          case "DOWNSTREAM_PEER_URI_SAN" -> new Text(LogEntry::downstreamPeer);
          case "REQUESTED_SERVER_NAME" -> new Text(LogEntry::requestedServerName);
          case "ROUTE_NAME" -> new Text(LogEntry::routeName);
          default -> null;
        });
  }

  private static void none(LogSink sink, boolean json) {
    if (json) {
      sink.put(Literal.NULL);
    } else {
      sink.put('-');
    }
  }

  private static void quote(LogSink sink, boolean json) {
    if (json) {
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
    public void write(LogEntry entry, LogSink sink, boolean json) {
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
    public void write(LogEntry entry, LogSink sink, boolean json) {
      long number = value.applyAsLong(entry);
      if (optional && number < 0) {
        none(sink, json);
      } else {
        sink.putNumber(number);
      }
    }
  }

  /** A text; empty means none. */
  final class Text implements LogField {
    private final Function<LogEntry, String> value;

    Text(Function<LogEntry, String> value) {
      this.value = value;
    }

    @Override
    public void write(LogEntry entry, LogSink sink, boolean json) {
      String text = value.apply(entry);
      if (text.isEmpty()) {
        none(sink, json);
        return;
      }
      quote(sink, json);
      sink.putValue(text, json);
      quote(sink, json);
    }
  }

  /** {@code NAME}, or {@code FIRST?SECOND} where the first may be absent. */
  final class Header implements LogField {
    private final String name;
    private final String otherwise;
    private final boolean request;

    private Header(String name, String otherwise, boolean request) {
      this.name = name;
      this.otherwise = otherwise;
      this.request = request;
    }

    static Header of(String argument, boolean request) {
      String lower = argument.toLowerCase(Locale.ROOT);
      int mark = lower.indexOf('?');
      return mark < 0
          ? new Header(lower, "", request)
          : new Header(lower.substring(0, mark), lower.substring(mark + 1), request);
    }

    @Override
    public void write(LogEntry entry, LogSink sink, boolean json) {
      Bytes value = header(entry, name);
      if (value == null && !otherwise.isEmpty()) {
        value = header(entry, otherwise);
      }
      if (value == null) {
        none(sink, json);
        return;
      }
      quote(sink, json);
      sink.putValue(value, json);
      quote(sink, json);
    }

    private @Nullable Bytes header(LogEntry entry, String name) {
      return request ? entry.requestHeader(name) : entry.responseHeader(name);
    }
  }

  /** {@code 2026-11-23T09:05:01.042Z}, without garbage. */
  final class Time implements LogField {
    private static final long DAY_MILLIS = 86_400_000;

    @Override
    public void write(LogEntry entry, LogSink sink, boolean json) {
      long millis = entry.startEpochMillis();
      quote(sink, json);
      putDate(Math.floorDiv(millis, DAY_MILLIS), sink);
      sink.put('T');
      int ofDay = (int) Math.floorMod(millis, DAY_MILLIS);
      putTwo(ofDay / 3_600_000, sink);
      sink.put(':');
      putTwo(ofDay / 60_000 % 60, sink);
      sink.put(':');
      putTwo(ofDay / 1000 % 60, sink);
      sink.put('.');
      sink.put('0' + ofDay % 1000 / 100);
      putTwo(ofDay % 100, sink);
      sink.put('Z');
      quote(sink, json);
    }

    /** The proleptic Gregorian date of a day since the epoch (H. Hinnant's days_from_civil). */
    private static void putDate(long epochDay, LogSink sink) {
      long shifted = epochDay + 719_468;
      long era = Math.floorDiv(shifted, 146_097);
      long dayOfEra = shifted - era * 146_097;
      long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
      long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
      int marchMonth = (int) ((5 * dayOfYear + 2) / 153);
      int day = (int) (dayOfYear - (153L * marchMonth + 2) / 5 + 1);
      int month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
      sink.putNumber(yearOfEra + era * 400 + (month <= 2 ? 1 : 0));
      sink.put('-');
      putTwo(month, sink);
      sink.put('-');
      putTwo(day, sink);
    }

    private static void putTwo(int value, LogSink sink) {
      sink.put('0' + value / 10 % 10);
      sink.put('0' + value % 10);
    }
  }
}
