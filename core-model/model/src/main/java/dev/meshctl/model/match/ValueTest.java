package dev.meshctl.model.match;

import com.google.re2j.Pattern;
import dev.meshctl.model.xds.route.ValueMatch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A compiled {@link ValueMatch} over a slice of bytes; only a regex makes garbage. */
sealed interface ValueTest {

  /** Whether a value that is present passes. */
  boolean test(byte[] array, int offset, int length);

  /** Cheap tests first: they decide most requests. */
  int cost();

  /**
   * @throws com.google.re2j.PatternSyntaxException where a regex is none of RE2
   */
  static ValueTest compile(ValueMatch match) {
    return switch (match) {
      case ValueMatch.Exact exact -> new Exact(latin(exact.value()));
      case ValueMatch.Prefix prefix -> new Prefix(latin(prefix.value()));
      case ValueMatch.Suffix suffix -> new Suffix(latin(suffix.value()));
      case ValueMatch.Contains contains -> new Contains(latin(contains.value()));
      case ValueMatch.Regex regex -> new Regex(Pattern.compile(regex.pattern()));
      case ValueMatch.Present present -> new Present();
      case ValueMatch.IgnoringCase(ValueMatch.Regex regex) -> compile(regex);
      case ValueMatch.IgnoringCase(var of) -> new Folding(compile(lower(of)));
      case ValueMatch.Range(long first, long end) -> new Range(first, end);
    };
  }

  /** {@code match} with ASCII letters in lower case. */
  private static ValueMatch lower(ValueMatch match) {
    return switch (match) {
      case ValueMatch.Exact(var text) -> new ValueMatch.Exact(lower(text));
      case ValueMatch.Prefix(var text) -> new ValueMatch.Prefix(lower(text));
      case ValueMatch.Suffix(var text) -> new ValueMatch.Suffix(lower(text));
      case ValueMatch.Contains(var text) -> new ValueMatch.Contains(lower(text));
      case ValueMatch.IgnoringCase(var of) -> lower(of);
      case ValueMatch.Regex regex -> regex;
      case ValueMatch.Present present -> present;
      case ValueMatch.Range range -> range;
    };
  }

  private static String lower(String text) {
    byte[] bytes = latin(text);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = ByteTable.lower(bytes[i]);
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static boolean equal(byte[] wanted, byte[] array, int offset) {
    return Arrays.equals(wanted, 0, wanted.length, array, offset, offset + wanted.length);
  }

  /** The whole value. */
  final class Exact implements ValueTest {
    private final byte[] wanted;

    Exact(byte[] wanted) {
      this.wanted = wanted;
    }

    @Override
    public boolean test(byte[] array, int offset, int length) {
      return length == wanted.length && equal(wanted, array, offset);
    }

    @Override
    public int cost() {
      return 1;
    }
  }

  /** The start of the value. */
  final class Prefix implements ValueTest {
    private final byte[] wanted;

    Prefix(byte[] wanted) {
      this.wanted = wanted;
    }

    @Override
    public boolean test(byte[] array, int offset, int length) {
      return length >= wanted.length && equal(wanted, array, offset);
    }

    @Override
    public int cost() {
      return 2;
    }
  }

  /** The end of the value. */
  final class Suffix implements ValueTest {
    private final byte[] wanted;

    Suffix(byte[] wanted) {
      this.wanted = wanted;
    }

    @Override
    public boolean test(byte[] array, int offset, int length) {
      return length >= wanted.length && equal(wanted, array, offset + length - wanted.length);
    }

    @Override
    public int cost() {
      return 2;
    }
  }

  /** Anywhere in the value. */
  final class Contains implements ValueTest {
    private final byte[] wanted;

    Contains(byte[] wanted) {
      this.wanted = wanted;
    }

    @Override
    public boolean test(byte[] array, int offset, int length) {
      for (int i = 0; i <= length - wanted.length; i++) {
        if (equal(wanted, array, offset + i)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public int cost() {
      return 3;
    }
  }

  /** Linear in the value, whatever the pattern. */
  final class Regex implements ValueTest {
    private final Pattern pattern;

    Regex(Pattern pattern) {
      this.pattern = pattern;
    }

    @Override
    public boolean test(byte[] array, int offset, int length) {
      return pattern.matcher(new Bytes().aim(array, offset, length)).matches();
    }

    @Override
    public int cost() {
      return 4;
    }
  }

  /** Whatever the value. */
  final class Present implements ValueTest {
    @Override
    public boolean test(byte[] array, int offset, int length) {
      return true;
    }

    @Override
    public int cost() {
      return 0;
    }
  }

  /** Any case of ASCII letters; copies the value where it has capitals. */
  final class Folding implements ValueTest {
    private final ValueTest lower;

    Folding(ValueTest lower) {
      this.lower = lower;
    }

    @Override
    public boolean test(byte[] array, int offset, int length) {
      for (int i = offset; i < offset + length; i++) {
        if (array[i] != ByteTable.lower(array[i])) {
          return lower.test(folded(array, offset, length), 0, length);
        }
      }
      return lower.test(array, offset, length);
    }

    private static byte[] folded(byte[] array, int offset, int length) {
      byte[] copy = Arrays.copyOfRange(array, offset, offset + length);
      for (int i = 0; i < length; i++) {
        copy[i] = ByteTable.lower(copy[i]);
      }
      return copy;
    }

    @Override
    public int cost() {
      return 3;
    }
  }

  /** A whole decimal number within bounds. */
  final class Range implements ValueTest {
    private static final int DIGITS = 18;

    private final long first;
    private final long end;

    Range(long first, long end) {
      this.first = first;
      this.end = end;
    }

    @Override
    public boolean test(byte[] array, int offset, int length) {
      boolean negative = length > 0 && array[offset] == '-';
      int from = negative ? 1 : 0;
      if (length == from || length - from > DIGITS) {
        return false;
      }
      long number = 0;
      for (int i = from; i < length; i++) {
        int digit = array[offset + i] - '0';
        if (digit < 0 || digit > 9) {
          return false;
        }
        number = number * 10 + digit;
      }
      number = negative ? -number : number;
      return number >= first && number < end;
    }

    @Override
    public int cost() {
      return 2;
    }
  }
}
