package dev.meshctl.dataplane.observe.log;

import dev.meshctl.model.match.Bytes;
import java.nio.charset.StandardCharsets;

/**
 * Appends to a byte array of fixed size; what does not fit is left out, and {@link #full} says so.
 *
 * <p>Thread: one event loop.
 */
final class LogSink {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int DIGITS = 20;

  /** Longer values are cut: a header must not fill the log. */
  private static final int MOST_VALUE = 4096;

  private final byte[] digits = new byte[DIGITS];
  private final LogTime.Moment moment = new LogTime.Moment();
  private byte[] array;
  private int at;
  private boolean full;

  LogSink(byte[] array) {
    this.array = array;
  }

  void aim(byte[] array, int at) {
    this.array = array;
    this.at = at;
    this.full = false;
  }

  /** To take a time apart in. */
  LogTime.Moment moment() {
    return moment;
  }

  int position() {
    return at;
  }

  boolean full() {
    return full;
  }

  void put(int next) {
    if (at < array.length) {
      array[at++] = (byte) next;
    } else {
      full = true;
    }
  }

  /** As it is. */
  void put(byte[] text) {
    if (text.length > array.length - at) {
      full = true;
      return;
    }
    System.arraycopy(text, 0, array, at, text.length);
    at += text.length;
  }

  void putNumber(long value) {
    if (value < 0) {
      put('-');
      value = -value;
    }
    int first = DIGITS;
    do {
      digits[--first] = (byte) ('0' + value % 10);
      value /= 10;
    } while (value > 0);
    for (int i = first; i < DIGITS; i++) {
      put(digits[i]);
    }
  }

  /**
   * Text of others, at most so many bytes where {@code most} is not 0: quotes and control
   * characters are escaped, so that no line can be forged.
   */
  void putValue(Bytes value, int most, boolean json) {
    byte[] from = value.array();
    int length = Math.min(value.length(), most > 0 ? Math.min(most, MOST_VALUE) : MOST_VALUE);
    int end = value.offset() + length;
    for (int i = value.offset(); i < end; i++) {
      putEscaped(from[i] & 0xFF, json);
    }
  }

  void putValue(String value, boolean json) {
    int end = Math.min(value.length(), MOST_VALUE);
    for (int i = 0; i < end; i++) {
      int c = value.charAt(i);
      putEscaped(c > 0xFF ? '?' : c, json);
    }
  }

  /** A byte outside of ASCII is written as its code point in JSON, which is UTF-8. */
  private void putEscaped(int c, boolean json) {
    if (c >= ' ' && c < 0x7F && c != '"' && c != '\\') {
      put(c);
    } else if (json) {
      put('\\');
      if (c == '"' || c == '\\') {
        put(c);
      } else {
        put('u');
        put('0');
        put('0');
        putHex(c);
      }
    } else if (c >= 0x80) {
      put(c);
    } else {
      put('\\');
      put('x');
      putHex(c);
    }
  }

  private void putHex(int c) {
    put(HEX[c >> 4 & 0xF]);
    put(HEX[c & 0xF]);
  }
}
