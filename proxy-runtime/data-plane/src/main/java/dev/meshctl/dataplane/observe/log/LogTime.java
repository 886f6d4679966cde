package dev.meshctl.dataplane.observe.log;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code %START_TIME(FORMAT)%}: a moment in UTC by the letters of {@code strftime}, and {@code %3f}
 * and the like for fractions of a second. Makes no garbage.
 *
 * <p>Thread: any; writes to the sink of one loop.
 */
final class LogTime implements LogField {
  /** What Envoy writes without a format. */
  private static final String DEFAULT = "%Y-%m-%dT%H:%M:%S.%3fZ";

  private static final long DAY_MILLIS = 86_400_000;
  private static final List<String> DAYS =
      List.of("Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday");
  private static final List<String> MONTHS =
      List.of(
          "January",
          "February",
          "March",
          "April",
          "May",
          "June",
          "July",
          "August",
          "September",
          "October",
          "November",
          "December");

  private final Part[] parts;

  /** A piece of the format. */
  private interface Part {
    void write(Moment moment, LogSink sink);
  }

  private LogTime(List<Part> parts) {
    this.parts = parts.toArray(Part[]::new);
  }

  /**
   * Compiles a format; empty is Envoy's own.
   *
   * @throws IllegalArgumentException that names a letter not known here
   */
  static LogTime of(String format) {
    String text = format.isEmpty() ? DEFAULT : format;
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '%' || i + 1 == text.length()) {
        parts.add((moment, sink) -> sink.put(c));
        continue;
      }
      char letter = text.charAt(++i);
      if (letter >= '1' && letter <= '9' && i + 1 < text.length() && text.charAt(i + 1) == 'f') {
        int digits = letter - '0';
        parts.add((moment, sink) -> fraction(moment, digits, sink));
        i++;
      } else {
        parts.add(part(letter, format));
      }
    }
    return new LogTime(parts);
  }

  private static Part part(char letter, String format) {
    return switch (letter) {
      case 'Y' -> (moment, sink) -> sink.putNumber(moment.year);
      case 'y' -> (moment, sink) -> two((int) Math.floorMod(moment.year, 100L), sink);
      case 'm' -> (moment, sink) -> two(moment.month, sink);
      case 'd' -> (moment, sink) -> two(moment.day, sink);
      case 'e' ->
          (moment, sink) -> {
            sink.put(moment.day < 10 ? ' ' : '0' + moment.day / 10);
            sink.put('0' + moment.day % 10);
          };
      case 'H' -> (moment, sink) -> two(moment.ofDay / 3_600_000, sink);
      case 'M' -> (moment, sink) -> two(moment.ofDay / 60_000 % 60, sink);
      case 'S' -> (moment, sink) -> two(moment.ofDay / 1000 % 60, sink);
      case 'T' -> (moment, sink) -> clock(moment, sink);
      case 'F' ->
          (moment, sink) -> {
            sink.putNumber(moment.year);
            sink.put('-');
            two(moment.month, sink);
            sink.put('-');
            two(moment.day, sink);
          };
      case 's' -> (moment, sink) -> sink.putNumber(Math.floorDiv(moment.millis, 1000));
      case 'f' -> (moment, sink) -> fraction(moment, 9, sink);
      case 'z' -> (moment, sink) -> ascii("+0000", sink);
      case 'Z' -> (moment, sink) -> ascii("UTC", sink);
      case 'a' -> (moment, sink) -> ascii(weekday(moment).substring(0, 3), sink);
      case 'A' -> (moment, sink) -> ascii(weekday(moment), sink);
      case 'b' -> (moment, sink) -> ascii(MONTHS.get(moment.month - 1).substring(0, 3), sink);
      case 'B' -> (moment, sink) -> ascii(MONTHS.get(moment.month - 1), sink);
      case '%' -> (moment, sink) -> sink.put('%');
      default ->
          throw new IllegalArgumentException(
              "access log: START_TIME(%s): %%%s (expected: Y y m d e H M S T F s f 1f to 9f z Z a A"
                      .formatted(format, letter)
                  + " b B)");
    };
  }

  /** A moment taken apart; each sink has one, for all its lines. */
  static final class Moment {
    private long millis;
    private int ofDay;
    private long year;
    private int month;
    private int day;

    /** The proleptic Gregorian date of a day since the epoch (H. Hinnant's civil_from_days). */
    void take(long epochMillis) {
      millis = epochMillis;
      ofDay = (int) Math.floorMod(millis, DAY_MILLIS);
      long shifted = Math.floorDiv(millis, DAY_MILLIS) + 719_468;
      long era = Math.floorDiv(shifted, 146_097);
      long dayOfEra = shifted - era * 146_097;
      long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
      long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
      int marchMonth = (int) ((5 * dayOfYear + 2) / 153);
      day = (int) (dayOfYear - (153L * marchMonth + 2) / 5 + 1);
      month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
      year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    }
  }

  @Override
  public void write(LogEntry entry, LogSink sink, Style style) {
    Moment moment = sink.moment();
    moment.take(entry.startEpochMillis());
    LogField.quote(sink, style);
    for (Part part : parts) {
      part.write(moment, sink);
    }
    LogField.quote(sink, style);
  }

  private static String weekday(Moment moment) {
    return DAYS.get((int) Math.floorMod(Math.floorDiv(moment.millis, DAY_MILLIS), 7L));
  }

  private static void clock(Moment moment, LogSink sink) {
    two(moment.ofDay / 3_600_000, sink);
    sink.put(':');
    two(moment.ofDay / 60_000 % 60, sink);
    sink.put(':');
    two(moment.ofDay / 1000 % 60, sink);
  }

  /** We know milliseconds. */
  private static void fraction(Moment moment, int digits, LogSink sink) {
    int millis = moment.ofDay % 1000;
    for (int i = 0; i < digits; i++) {
      sink.put(
          '0' + (i == 0 ? millis / 100 : i == 1 ? millis / 10 % 10 : i == 2 ? millis % 10 : 0));
    }
  }

  private static void two(int value, LogSink sink) {
    sink.put('0' + value / 10 % 10);
    sink.put('0' + value % 10);
  }

  private static void ascii(String text, LogSink sink) {
    for (int i = 0; i < text.length(); i++) {
      sink.put(text.charAt(i));
    }
  }
}
