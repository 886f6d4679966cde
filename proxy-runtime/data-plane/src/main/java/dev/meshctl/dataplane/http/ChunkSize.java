package dev.meshctl.dataplane.http;

import io.netty.buffer.ByteBuf;

/** The line before a chunk (RFC 9112 7.1). */
final class ChunkSize {
  /** Eight hex digits and CRLF. */
  static final int MAX_BYTES = 10;

  private static final byte[] HEX = Http1Text.bytes("0123456789abcdef");

  private ChunkSize() {}

  /** Writes {@code size} (at least 1) into {@code out} (borrowed). */
  static void write(ByteBuf out, int size) {
    int shift = (31 - Integer.numberOfLeadingZeros(size)) & ~3;
    for (; shift >= 0; shift -= 4) {
      out.writeByte(HEX[(size >>> shift) & 15]);
    }
    out.writeBytes(Http1Text.LINE_END);
  }
}
