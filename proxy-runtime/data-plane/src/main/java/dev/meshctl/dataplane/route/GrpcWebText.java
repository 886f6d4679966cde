package dev.meshctl.dataplane.route;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The text form of gRPC-Web: Base64 (RFC 4648 4) that may be padded wherever its sender flushed.
 *
 * <p>Thread: one at a time.
 */
final class GrpcWebText {
  private static final int GROUP = 4;

  /** Characters of a group that is not whole yet. */
  private final byte[] begun = new byte[GROUP];

  private int begunLength;

  /**
   * Borrows {@code text}.
   *
   * @return the bytes of all groups that are whole; null where it is not Base64, and after it
   */
  @Nullable ByteBuf decode(ByteBufAllocator allocator, ByteBuf text) {
    byte[] all = new byte[begunLength + text.readableBytes()];
    System.arraycopy(begun, 0, all, 0, begunLength);
    text.getBytes(text.readerIndex(), all, begunLength, text.readableBytes());
    int whole = all.length - all.length % GROUP;
    ByteBuf bytes = allocator.buffer(whole / GROUP * 3);
    try {
      int from = 0;
      for (int end = GROUP; end <= whole; end += GROUP) {
        if (all[end - 1] == '=' || end == whole) {
          byte[] padded = new byte[end - from];
          System.arraycopy(all, from, padded, 0, padded.length);
          bytes.writeBytes(Base64.getDecoder().decode(padded));
          from = end;
        }
      }
    } catch (IllegalArgumentException notBase64) {
      bytes.release();
      return null;
    }
    begunLength = all.length - whole;
    System.arraycopy(all, whole, begun, 0, begunLength);
    return bytes;
  }

  /** Nothing is missing at the end of the text. */
  boolean complete() {
    return begunLength == 0;
  }

  /** Takes {@code bytes}; they are padded, so that the next begin anew. */
  static ByteBuf encode(ByteBufAllocator allocator, ByteBuf bytes) {
    byte[] raw = new byte[bytes.readableBytes()];
    bytes.readBytes(raw);
    bytes.release();
    byte[] text = Base64.getEncoder().encode(raw);
    return allocator.buffer(text.length).writeBytes(text);
  }
}
