package dev.meshctl.model.match;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code x-forwarded-for}: each proxy appends the address it was reached from, so that only
 * what stands at the end was written by those we trust.
 *
 * <p>Thread: any; stateless.
 */
public final class ForwardedFor {
  private ForwardedFor() {}

  /**
   * One entry, counted from the end: 0 is the last. Null where there are not so many.
   *
   * @param value of the header (borrowed), null where it is absent
   */
  public static @Nullable String at(@Nullable Bytes value, int place) {
    if (value == null) {
      return null;
    }
    byte[] array = value.array();
    int start = value.offset();
    int end = start + value.length();
    for (int left = place; left > 0; left--) {
      end = comma(array, start, end);
      if (end < 0) {
        return null;
      }
    }
    int from = comma(array, start, end) + 1;
    return new String(
            array, Math.max(from, start), end - Math.max(from, start), StandardCharsets.US_ASCII)
        .strip();
  }

  /** The last comma before {@code end}, -1 for none. */
  private static int comma(byte[] array, int start, int end) {
    int at = end - 1;
    while (at >= start && array[at] != ',') {
      at--;
    }
    return at < start ? -1 : at;
  }
}
