package dev.meshctl.dataplane.http;

import java.nio.charset.StandardCharsets;

/**
 * Brings a request's path into one form (RFC 3986 6.2.2) before anything asks for it, so that a
 * rule for {@code /admin} holds for {@code /x/..%2e/admin} too. Escaped slashes and empty segments
 * stay.
 *
 * <p>Thread: any; stateless.
 */
final class PathForm {
  private PathForm() {}

  /**
   * @throws Malformed.Exception where the path holds an escaped NUL
   */
  static void normalize(RequestHead head) {
    byte[] b = head.bytes;
    int start = head.path().offset();
    int end = start + head.path().length();
    if (start == end || b[start] != '/') {
      return;
    }
    int query = start;
    while (query < end && b[query] != '?' && b[query] != '#') {
      query++;
    }
    if (plain(b, start, query)) {
      return;
    }
    byte[] out = new byte[query - start];
    int length = withoutDots(out, decode(b, start, query, out));
    head.replacePath(
        new String(out, 0, length, StandardCharsets.ISO_8859_1)
            + new String(b, query, end - query, StandardCharsets.ISO_8859_1));
  }

  private static boolean plain(byte[] b, int start, int end) {
    boolean afterSlash = false;
    for (int i = start; i < end; i++) {
      if (b[i] == '%' || b[i] == '\\' || (afterSlash && b[i] == '.')) {
        return false;
      }
      afterSlash = b[i] == '/';
    }
    return true;
  }

  /**
   * Writes needless escapes as their characters and backslashes as slashes; the length. An escape
   * behind a percent sign that begins none stays, else the two could become a new escape, which
   * would mean something else to whoever decodes it next.
   */
  private static int decode(byte[] b, int start, int end, byte[] out) {
    int length = 0;
    int stray = -3;
    for (int i = start; i < end; i++) {
      byte c = b[i];
      if (c == '%') {
        int decoded = i + 2 < end ? escaped(b[i + 1], b[i + 2]) : -1;
        if (decoded == 0) {
          throw Malformed.TARGET.exception();
        }
        if (decoded < 0) {
          stray = length;
        } else if (unreserved(decoded) && length - stray > 2) {
          c = (byte) decoded;
          i += 2;
        }
      }
      out[length++] = c == '\\' ? (byte) '/' : c;
    }
    return length;
  }

  /** -1 where it is no escape. */
  private static int escaped(byte one, byte other) {
    int high = Character.digit(one, 16);
    int low = Character.digit(other, 16);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
  }

  private static boolean unreserved(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }

  /** Removes dot segments in place; the new length. */
  private static int withoutDots(byte[] b, int length) {
    int out = 0;
    int at = 0;
    while (at < length) {
      int end = at + 1;
      while (end < length && b[end] != '/') {
        end++;
      }
      int size = end - at - 1;
      boolean dot = size == 1 && b[at + 1] == '.';
      boolean dots = size == 2 && b[at + 1] == '.' && b[at + 2] == '.';
      if (dots && out > 0) {
        do {
          out--;
        } while (out > 0 && b[out] != '/');
      }
      if (!dot && !dots) {
        System.arraycopy(b, at, b, out, end - at);
        out += end - at;
      } else if (end == length) {
        b[out++] = '/';
      }
      at = end;
    }
    return out;
  }
}
