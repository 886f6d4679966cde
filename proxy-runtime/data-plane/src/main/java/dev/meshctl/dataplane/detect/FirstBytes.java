package dev.meshctl.dataplane.detect;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Tells protocols apart by their first bytes.
 *
 * <p>Thread: any; stateless.
 */
final class FirstBytes {
  /** More than this is not looked at. */
  static final int MAX_BYTES = 16 * 1024 + 5;

  private static final byte[] HTTP2_PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int HANDSHAKE = 22;
  private static final int LONGEST_METHOD = 32;

  private FirstBytes() {}

  /** What {@code in} (borrowed, unread) begins with; null where more bytes are needed. */
  static @Nullable Detected of(ByteBuf in) {
    int length = in.readableBytes();
    int start = in.readerIndex();
    if (length == 0) {
      return null;
    }
    if (in.getByte(start) == HANDSHAKE) {
      return ClientHello.read(in);
    }
    if (startsWithPreface(in)) {
      return length >= HTTP2_PREFACE.length ? Detected.HTTP2 : null;
    }
    return http1(in);
  }

  private static boolean startsWithPreface(ByteBuf in) {
    int compared = Math.min(in.readableBytes(), HTTP2_PREFACE.length);
    for (int i = 0; i < compared; i++) {
      if (in.getByte(in.readerIndex() + i) != HTTP2_PREFACE[i]) {
        return false;
      }
    }
    return true;
  }

  /** {@code METHOD target HTTP/1.x} on the first line. */
  private static @Nullable Detected http1(ByteBuf in) {
    int start = in.readerIndex();
    int end = in.writerIndex();
    int i = start;
    while (i < end && i - start < LONGEST_METHOD && upperOrDash(in.getByte(i))) {
      i++;
    }
    if (i == end && i - start < LONGEST_METHOD) {
      return null;
    }
    if (i == start || i == end || in.getByte(i) != ' ') {
      return Detected.NOTHING;
    }
    int lineEnd = in.indexOf(i, end, (byte) '\n');
    if (lineEnd < 0) {
      return in.readableBytes() >= MAX_BYTES ? Detected.NOTHING : null;
    }
    int last = in.getByte(lineEnd - 1) == '\r' ? lineEnd - 1 : lineEnd;
    String tail =
        in.toString(Math.max(i, last - 9), last - Math.max(i, last - 9), StandardCharsets.US_ASCII);
    return switch (tail) {
      case " HTTP/1.1" -> Detected.HTTP11;
      case " HTTP/1.0" -> Detected.HTTP10;
      default -> Detected.NOTHING;
    };
  }

  private static boolean upperOrDash(byte b) {
    return (b >= 'A' && b <= 'Z') || b == '-' || b == '_';
  }
}
