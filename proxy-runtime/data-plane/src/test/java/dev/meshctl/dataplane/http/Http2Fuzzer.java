package dev.meshctl.dataplane.http;

import static dev.meshctl.dataplane.http.FuzzPipe.check;

import dev.meshctl.model.xds.HttpLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Frames of an HTTP/2 client. The first byte says into reads of how many bytes the rest is cut; its
 * highest bit that the rest is a recipe for frames (type, flags, stream, length, payload) instead
 * of bytes.
 *
 * <p>Invariants: no more streams than allowed, no head beyond its limits, nothing is told after the
 * end, no exception leaves the connection, all buffers are given back.
 */
public final class Http2Fuzzer {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final HttpLimits LIMITS =
      new HttpLimits(2, 24, 0, new HttpLimits.Http2(4, 65_535, 65_535, 4096));

  private Http2Fuzzer() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length < 2) {
      return;
    }
    byte[] frames = data[0] < 0 ? cook(data) : data;
    try (FuzzPipe pipe = new FuzzPipe()) {
      int[] open = new int[1];
      Http2Server server =
          new Http2Server(
              pipe.resources,
              (downstream, head, end) -> {
                check(head.size() <= LIMITS.fields() + 2, "fields: " + head.size());
                check(++open[0] <= LIMITS.http2().streams(), "streams: " + open[0]);
                return new Counting(
                    new Http1RequestFuzzer.Answering(pipe, downstream, head, end, frames.length),
                    open,
                    end);
              },
              new DownstreamConnection(
                  new InetSocketAddress("127.0.0.1", 1),
                  new InetSocketAddress("127.0.0.1", 2),
                  false,
                  Optional.empty(),
                  ""),
              new HttpServerSettings(0, 0, 0, 0, LIMITS));
      pipe.channel.pipeline().addLast(server.handler());
      pipe.channel.writeInbound(Unpooled.copiedBuffer(PREFACE));
      pipe.channel.writeInbound(Unpooled.copiedBuffer(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0}));
      pipe.feed(frames, 1, data[0] & 0x7F);
      server.sweep(System.nanoTime());
      server.drain();
      pipe.drain();
    }
  }

  /** Frames that are well formed as such, whatever they say. */
  private static byte[] cook(byte[] recipe) {
    ByteBuf frames = Unpooled.buffer();
    frames.writeByte(recipe[0]);
    int at = 1;
    while (at + 4 <= recipe.length) {
      int length = Math.min(recipe[at + 3] & 0xFF, recipe.length - at - 4);
      frames.writeMedium(length);
      frames.writeByte(recipe[at] & 0x0F);
      frames.writeByte(recipe[at + 1]);
      frames.writeInt(recipe[at + 2] & 0x1F);
      frames.writeBytes(recipe, at + 4, length);
      at += 4 + length;
    }
    byte[] cooked = new byte[frames.readableBytes()];
    frames.readBytes(cooked);
    return cooked;
  }

  /** Counts those that are not answered yet. */
  private static final class Counting implements RequestHandler {
    private final RequestHandler to;
    private final int[] open;
    private boolean ended;

    Counting(RequestHandler to, int[] open, boolean ended) {
      this.to = to;
      this.open = open;
      end(ended);
    }

    private void end(boolean now) {
      if (now && !ended) {
        ended = true;
        open[0]--;
      }
    }

    @Override
    public void data(ByteBuf data, boolean end) {
      end(end);
      to.data(data, end);
    }

    @Override
    public void trailers(HeaderBlock trailers) {
      end(true);
      to.trailers(trailers);
    }

    @Override
    public void downstreamGone() {
      end(true);
      to.downstreamGone();
    }

    @Override
    public void requestTimedOut() {
      to.requestTimedOut();
    }

    @Override
    public void streamIdle() {
      to.streamIdle();
    }

    @Override
    public void downstreamWritable() {
      to.downstreamWritable();
    }
  }
}
