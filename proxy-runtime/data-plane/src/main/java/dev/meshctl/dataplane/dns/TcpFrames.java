package dev.meshctl.dataplane.dns;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;

/** Messages over TCP: two bytes of length before each (RFC 1035 section 4.2.2). */
final class TcpFrames {
  private static final int MOST_BYTES = 65535;
  private static final int LENGTH_BYTES = 2;

  private TcpFrames() {}

  static LengthFieldBasedFrameDecoder decoder() {
    return new LengthFieldBasedFrameDecoder(MOST_BYTES, 0, LENGTH_BYTES, 0, LENGTH_BYTES);
  }

  /** Takes {@code message}; the frame is the caller's. */
  static ByteBuf frame(ByteBuf message) {
    ByteBuf frame = message.alloc().buffer(LENGTH_BYTES + message.readableBytes());
    frame.writeShort(message.readableBytes()).writeBytes(message);
    message.release();
    return frame;
  }
}
