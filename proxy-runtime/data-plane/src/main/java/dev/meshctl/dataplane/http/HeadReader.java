package dev.meshctl.dataplane.http;

import dev.meshctl.model.xds.HttpLimits;
import io.netty.buffer.ByteBuf;

/**
 * Reads the start line and fields of HTTP/1 messages (RFC 9112): one bulk copy into the head's
 * array, then line by line, so that it may continue with a later buffer.
 *
 * <p>Thread: confined to one event loop.
 */
final class HeadReader {
  private static final int COPY_BYTES = 4096;
  private static final int MAX_EMPTY_LINES = 2;

  /** Takes the start line: everything between {@code start} and {@code lineEnd}, without CRLF. */
  interface StartLine<H extends HeaderBlock> {
    void read(H head, int start, int lineEnd);
  }

  private final int mostBytes;
  private final int mostFields;
  private int lineStart;
  private int scanned;
  private int emptyLines;
  private boolean started;

  HeadReader(HttpLimits limits) {
    mostBytes = limits.headBytes();
    mostFields = limits.fields();
  }

  /**
   * Prepares for the next head.
   *
   * @param withStartLine false for trailers
   */
  void reset(boolean withStartLine) {
    lineStart = 0;
    scanned = 0;
    emptyLines = 0;
    started = !withStartLine;
  }

  /**
   * Consumes bytes of the head from {@code in} (borrowed).
   *
   * @return the head is complete; {@code in} stands after it
   * @throws Malformed.Exception on any violation
   */
  <H extends HeaderBlock> boolean read(ByteBuf in, H head, StartLine<H> startLine) {
    while (in.isReadable()) {
      int copied = Math.min(in.readableBytes(), COPY_BYTES);
      if (head.end + copied > mostBytes) {
        copied = mostBytes - head.end;
        if (copied <= 0) {
          throw (started ? Malformed.HEAD_TOO_LARGE : Malformed.TARGET_TOO_LONG).exception();
        }
      }
      head.room(copied);
      int before = head.end;
      in.getBytes(in.readerIndex(), head.bytes, before, copied);
      int done = lines(head, before + copied, startLine);
      if (done >= 0) {
        in.skipBytes(done - before);
        head.end = lineStart;
        return true;
      }
      in.skipBytes(copied);
      head.end = before + copied;
    }
    return false;
  }

  /** Takes whole lines up to {@code limit}; the position after the head, or -1 for more. */
  private <H extends HeaderBlock> int lines(H head, int limit, StartLine<H> startLine) {
    byte[] b = head.bytes;
    int i = scanned;
    while (true) {
      while (i < limit && b[i] != '\n') {
        i++;
      }
      if (i == limit) {
        scanned = i;
        return -1;
      }
      if (i == lineStart || b[i - 1] != '\r') {
        throw Malformed.LINE_END.exception();
      }
      int lineEnd = i - 1;
      i++;
      if (lineEnd == lineStart) {
        if (started) {
          return i;
        }
        if (++emptyLines > MAX_EMPTY_LINES) {
          throw Malformed.START_LINE.exception();
        }
      } else if (started) {
        field(head, b, lineStart, lineEnd);
      } else {
        startLine.read(head, lineStart, lineEnd);
        started = true;
      }
      lineStart = i;
    }
  }

  private void field(HeaderBlock head, byte[] b, int start, int lineEnd) {
    if (Syntax.blank(b[start])) {
      throw Malformed.FOLDED_FIELD.exception();
    }
    int colon = start;
    while (colon < lineEnd && Syntax.token(b[colon])) {
      colon++;
    }
    if (colon == start || colon == lineEnd || b[colon] != ':') {
      throw Malformed.FIELD.exception();
    }
    int from = colon + 1;
    while (from < lineEnd && Syntax.blank(b[from])) {
      from++;
    }
    int to = lineEnd;
    while (to > from && Syntax.blank(b[to - 1])) {
      to--;
    }
    if (!Syntax.values(b, from, to - from)) {
      throw Malformed.FIELD.exception();
    }
    if (head.size() >= mostFields) {
      throw Malformed.HEAD_TOO_LARGE.exception();
    }
    head.index(
        HeaderId.of(b, start, colon - start), start, colon - start, from, to - from, lineEnd + 2);
  }
}
