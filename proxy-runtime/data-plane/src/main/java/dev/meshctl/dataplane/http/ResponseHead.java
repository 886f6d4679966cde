package dev.meshctl.dataplane.http;

import io.netty.buffer.ByteBuf;

/**
 * The head of a response, whichever protocol brought it.
 *
 * <p>Thread: confined to one event loop. Pooled by {@link LoopResources}.
 */
public final class ResponseHead extends HeaderBlock {
  private static final int UNKNOWN = -1;

  private int status;
  private int reasonOffset;
  private int reasonLength;

  /** Bytes of the body as {@code Content-Length} says, -1 where it does not. */
  long contentLength = UNKNOWN;

  boolean http10;

  @Override
  public void clear() {
    super.clear();
    status = 0;
    reasonLength = 0;
    contentLength = UNKNOWN;
    http10 = false;
  }

  public int status() {
    return status;
  }

  public void status(int newStatus) {
    status = newStatus;
    reasonLength = 0;
  }

  /** A body follows whose length is not known. */
  public void streamed() {
    removeId(HeaderId.CONTENT_LENGTH);
    contentLength = UNKNOWN;
  }

  void reason(int offset, int length) {
    reasonOffset = offset;
    reasonLength = length;
  }

  /** The value of {@code grpc-status}, -1 where absent or malformed. */
  public int grpcStatus() {
    return grpcStatusOf(this);
  }

  /** The value of {@code grpc-status} in a head or in trailers, -1 where absent or malformed. */
  public static int grpcStatusOf(HeaderBlock block) {
    int field = block.findId(HeaderId.GRPC_STATUS, 0);
    return field < 0
        ? -1
        : (int)
            Math.min(
                Integer.MAX_VALUE,
                Syntax.decimal(block.bytes, block.valueOffset(field), block.valueLength(field)));
  }

  /** How an HTTP/1 message shows where it ends. */
  enum Framing {
    NONE,
    SIZED,
    CHUNKED,
    UNTIL_CLOSE,
    TUNNEL
  }

  int http1Bytes() {
    return textBytes() + reasonLength + 128;
  }

  /** Writes the head as HTTP/1.1 into {@code out} (borrowed). */
  void writeHttp1(ByteBuf out, Framing framing, boolean close, boolean sayKeepAlive) {
    out.writeBytes(Http1Text.STATUS_START);
    out.writeByte('0' + status / 100);
    out.writeByte('0' + status / 10 % 10);
    out.writeByte('0' + status % 10);
    out.writeByte(' ');
    if (reasonLength > 0) {
      out.writeBytes(bytes, reasonOffset, reasonLength);
    } else {
      out.writeBytes(ReasonPhrase.of(status));
    }
    out.writeBytes(Http1Text.LINE_END);
    writeFields(out);
    if (framing == Framing.CHUNKED) {
      out.writeBytes(Http1Text.CHUNKED);
    }
    if (status == 101) {
      out.writeBytes(Http1Text.CONNECTION_UPGRADE);
    } else if (close) {
      out.writeBytes(Http1Text.CONNECTION_CLOSE);
    } else if (sayKeepAlive) {
      out.writeBytes(Http1Text.KEEP_ALIVE);
    }
    out.writeBytes(Http1Text.LINE_END);
  }
}
