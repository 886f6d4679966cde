package dev.meshctl.dataplane.http;

import dev.meshctl.model.xds.HttpLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of an HTTP/1 message (RFC 9112 sections 6 and 7).
 *
 * <p>Thread: confined to one event loop.
 */
final class BodyReader {
  private static final int MAX_CHUNK_EXTENSION_BYTES = 4096;
  private static final int MAX_HEX_DIGITS = 15;

  /** Takes what was read. */
  interface Sink {
    /** Takes {@code data}. */
    void data(ByteBuf data, boolean end);

    /** Ends the body; borrows {@code trailers}. */
    void trailers(HeaderBlock trailers);

    /** The exchange ended meanwhile: stop reading. */
    boolean closed();
  }

  private enum State {
    SIZED,
    CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_CR,
    CHUNK_LF,
    TRAILERS,
    UNTIL_CLOSE
  }

  private State state = State.SIZED;
  private long remaining;
  private int digits;
  private int extensionBytes;
  private final HttpLimits limits;

  /** Made for the first chunked body: an idle connection has no use for them. */
  private @Nullable Trailers trailers;

  BodyReader(HttpLimits limits) {
    this.limits = limits;
  }

  private record Trailers(HeadReader reader, HeaderBlock block) {}

  private Trailers trailers() {
    Trailers known = trailers;
    if (known == null) {
      known = new Trailers(new HeadReader(limits), new HeaderBlock());
      trailers = known;
    }
    return known;
  }

  /** A body of {@code length} bytes, at least 1. */
  void sized(long length) {
    state = State.SIZED;
    remaining = length;
  }

  void chunked() {
    state = State.CHUNK_SIZE;
    remaining = 0;
    digits = 0;
    extensionBytes = 0;
  }

  /** Everything until the connection ends. */
  void untilClose() {
    state = State.UNTIL_CLOSE;
  }

  boolean endsWithConnection() {
    return state == State.UNTIL_CLOSE;
  }

  /**
   * Consumes body bytes from {@code in} (borrowed).
   *
   * @return the body is complete
   */
  boolean read(ByteBuf in, Sink sink) {
    while (in.isReadable() && !sink.closed()) {
      switch (state) {
        case SIZED -> {
          if (payload(in, sink, true)) {
            return true;
          }
        }
        case UNTIL_CLOSE -> sink.data(in.readRetainedSlice(in.readableBytes()), false);
        case CHUNK_DATA -> {
          if (payload(in, sink, false)) {
            state = State.CHUNK_CR;
          }
        }
        case TRAILERS -> {
          Trailers to = trailers();
          if (to.reader().read(in, to.block(), (head, start, end) -> {})) {
            endOfChunks(sink, to.block());
            return true;
          }
        }
        default -> framing(in.readByte());
      }
    }
    return false;
  }

  private boolean payload(ByteBuf in, Sink sink, boolean endsBody) {
    int take = (int) Math.min(in.readableBytes(), remaining);
    remaining -= take;
    boolean done = remaining == 0;
    sink.data(in.readRetainedSlice(take), endsBody && done);
    return done;
  }

  private static void endOfChunks(Sink sink, HeaderBlock trailers) {
    for (int i = 0; i < trailers.size(); i++) {
      switch (trailers.id(i)) {
        case HeaderId.CONTENT_LENGTH,
            HeaderId.TRANSFER_ENCODING,
            HeaderId.HOST,
            HeaderId.CONNECTION,
            HeaderId.TE,
            HeaderId.UPGRADE,
            HeaderId.TRAILER ->
            trailers.removeAt(i);
        default -> {}
      }
    }
    if (trailers.size() == 0) {
      sink.data(Unpooled.EMPTY_BUFFER, true);
    } else {
      sink.trailers(trailers);
    }
  }

  private void framing(byte b) {
    switch (state) {
      case CHUNK_SIZE -> size(b);
      case CHUNK_EXTENSION -> {
        if (b == '\r') {
          state = State.CHUNK_SIZE_LF;
        } else if (!Syntax.value(b) || ++extensionBytes > MAX_CHUNK_EXTENSION_BYTES) {
          throw Malformed.CHUNK.exception();
        }
      }
      case CHUNK_SIZE_LF -> {
        expect(b, '\n');
        if (remaining == 0) {
          state = State.TRAILERS;
          trailers().block().clear();
          trailers().reader().reset(false);
        } else {
          state = State.CHUNK_DATA;
        }
      }
      case CHUNK_CR -> {
        expect(b, '\r');
        state = State.CHUNK_LF;
      }
      case CHUNK_LF -> {
        expect(b, '\n');
        state = State.CHUNK_SIZE;
        digits = 0;
        remaining = 0;
      }
      case SIZED, CHUNK_DATA, TRAILERS, UNTIL_CLOSE -> throw new IllegalStateException();
    }
  }

  private void size(byte b) {
    int digit = Character.digit(b, 16);
    if (digit >= 0) {
      if (++digits > MAX_HEX_DIGITS) {
        throw Malformed.CHUNK.exception();
      }
      remaining = remaining << 4 | digit;
    } else if (digits == 0) {
      throw Malformed.CHUNK.exception();
    } else if (b == '\r') {
      state = State.CHUNK_SIZE_LF;
    } else if (b == ';' || Syntax.blank(b)) {
      state = State.CHUNK_EXTENSION;
    } else {
      throw Malformed.CHUNK.exception();
    }
  }

  private static void expect(byte b, char wanted) {
    if (b != wanted) {
      throw Malformed.CHUNK.exception();
    }
  }
}
