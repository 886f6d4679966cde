package dev.meshctl.dataplane.http;

/**
 * Character classes of RFC 9110 and 9112, as tables.
 *
 * <p>Thread: any; immutable.
 */
final class Syntax {
  private static final byte TOKEN = 1;
  private static final byte VALUE = 2;
  private static final byte TARGET = 4;
  private static final byte AUTHORITY = 8;

  private static final byte[] CLASSES = new byte[256];

  static {
    String marks = "!#$%&'*+-.^_`|~";
    for (int c = 0; c < 256; c++) {
      boolean alphanumeric =
          (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (alphanumeric || (c < 128 && marks.indexOf(c) >= 0)) {
        CLASSES[c] |= TOKEN;
      }
      if (c == '\t' || (c >= ' ' && c != 127)) {
        CLASSES[c] |= VALUE;
      }
      if (c > ' ' && c < 127 && c != '#') {
        CLASSES[c] |= TARGET;
      }
      if (alphanumeric || (c < 128 && "-._~!$&'()*+,;=:[]%".indexOf(c) >= 0)) {
        CLASSES[c] |= AUTHORITY;
      }
    }
  }

  private Syntax() {}

  static boolean token(byte b) {
    return (CLASSES[b & 0xFF] & TOKEN) != 0;
  }

  /** Visible, space, tab, obs-text: what a field value may hold. */
  static boolean value(byte b) {
    return (CLASSES[b & 0xFF] & VALUE) != 0;
  }

  /** What a request target may hold; a fragment may not be there. */
  static boolean target(byte b) {
    return (CLASSES[b & 0xFF] & TARGET) != 0;
  }

  static boolean authority(byte[] b, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if ((CLASSES[b[i] & 0xFF] & AUTHORITY) == 0) {
        return false;
      }
    }
    return true;
  }

  static boolean tokens(byte[] b, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (!token(b[i])) {
        return false;
      }
    }
    return length > 0;
  }

  static boolean values(byte[] b, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (!value(b[i])) {
        return false;
      }
    }
    return true;
  }

  static boolean targets(byte[] b, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (!target(b[i])) {
        return false;
      }
    }
    return length > 0;
  }

  static byte lower(byte b) {
    return b >= 'A' && b <= 'Z' ? (byte) (b | 0x20) : b;
  }

  static boolean equalsIgnoreCase(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
    for (int i = 0; i < length; i++) {
      if (lower(a[aOffset + i]) != lower(b[bOffset + i])) {
        return false;
      }
    }
    return true;
  }

  static boolean equalsIgnoreCase(byte[] b, int offset, int length, String text) {
    if (text.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (lower(b[offset + i]) != lower((byte) text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** A comma-separated list holds {@code token}, in any case. */
  static boolean listHolds(byte[] b, int offset, int length, String token) {
    int end = offset + length;
    int start = offset;
    while (start <= end) {
      int comma = start;
      while (comma < end && b[comma] != ',') {
        comma++;
      }
      int from = start;
      int to = comma;
      while (from < to && blank(b[from])) {
        from++;
      }
      while (to > from && blank(b[to - 1])) {
        to--;
      }
      if (equalsIgnoreCase(b, from, to - from, token)) {
        return true;
      }
      start = comma + 1;
    }
    return false;
  }

  static boolean blank(byte b) {
    return b == ' ' || b == '\t';
  }

  /** Digits only, at most 18 of them; -1 otherwise. */
  static long decimal(byte[] b, int offset, int length) {
    if (length == 0 || length > 18) {
      return -1;
    }
    long value = 0;
    for (int i = offset; i < offset + length; i++) {
      int digit = b[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
