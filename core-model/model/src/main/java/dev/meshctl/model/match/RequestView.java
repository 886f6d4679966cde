package dev.meshctl.model.match;

import org.jspecify.annotations.Nullable;

/**
 * A request head as the matcher sees it. Implemented over raw bytes in the proxy and over strings
 * in {@code explain}. Values are the bytes on the wire (ISO-8859-1); a returned {@link Bytes} is
 * valid until the next call of the same view.
 *
 * <p>Thread: confined to the caller's.
 */
public interface RequestView {
  Bytes method();

  /** Path with query. */
  Bytes path();

  /** {@code Host} or {@code :authority}, any case. */
  Bytes authority();

  Bytes scheme();

  /**
   * The value of a header, several joined with a comma; null where absent.
   *
   * @param lowerCaseName may be a pseudo header such as {@code :method}
   */
  @Nullable Bytes header(String lowerCaseName);

  /**
   * The lot that was drawn for this request, 0 to 999,999: a route for a part of all requests takes
   * those below its share. The same for the whole life of the request.
   */
  default int lot() {
    return 0;
  }
}
