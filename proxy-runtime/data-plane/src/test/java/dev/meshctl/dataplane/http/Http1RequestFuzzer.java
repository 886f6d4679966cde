package dev.meshctl.dataplane.http;

import static dev.meshctl.dataplane.http.FuzzPipe.check;

import dev.meshctl.model.xds.HttpLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Requests of HTTP/1. The first byte says into reads of how many bytes the rest is cut.
 *
 * <p>Invariants: how bytes are cut changes nothing; a head that is taken and written again reads
 * the same; heads stay within their limits; a connection gives back all buffers, and says no more
 * of a request than came.
 */
public final class Http1RequestFuzzer {
  private static final HttpLimits LIMITS = new HttpLimits(2, 24, 0, HttpLimits.Http2.DEFAULT);

  private Http1RequestFuzzer() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length < 2) {
      return;
    }
    int cut = data[0] & 0xFF;
    String whole = read(data, 1, 0);
    check(whole.equals(read(data, 1, cut)), "cut into reads of " + cut + " it is another head");
    serve(data, cut);
  }

  /** What becomes of the first head. */
  private static String read(byte[] data, int from, int cut) {
    RequestHead head = new RequestHead();
    HeadReader reader = new HeadReader(LIMITS);
    reader.reset(true);
    int size = cut == 0 ? data.length : cut;
    try {
      for (int at = from; at < data.length; at += size) {
        ByteBuf in = Unpooled.wrappedBuffer(data, at, Math.min(size, data.length - at));
        if (reader.read(in, head, RequestSyntax::startLine)) {
          RequestSyntax.complete(head);
          PathForm.normalize(head);
          bounded(head);
          String text = text(head);
          again(head);
          return text;
        }
        bounded(head);
      }
      return "more";
    } catch (Malformed.Exception e) {
      return e.malformed().name();
    }
  }

  private static void bounded(HeaderBlock head) {
    check(head.size() <= LIMITS.fields() + 2, "fields: " + head.size());
    check(head.bytes.length <= 8 * LIMITS.headBytes(), "bytes: " + head.bytes.length);
  }

  private static String text(RequestHead head) {
    StringBuilder text = new StringBuilder();
    text.append(head.method()).append(' ').append(head.path()).append(' ').append(head.authority());
    for (int i = 0; i < head.size(); i++) {
      if (!head.removed(i)) {
        text.append('\n').append(head.name(i)).append('=').append(head.value(i));
      }
    }
    return text.append('\n').append(head.body()).append(head.contentLength()).toString();
  }

  /** Written as for an upstream, it reads as the same request. */
  private static void again(RequestHead head) {
    if (head.isConnect() || head.upgrade()) {
      return;
    }
    head.stripHopByHop();
    String sent = text(head);
    ByteBuf out = Unpooled.buffer();
    head.writeHttp1(out);
    RequestHead other = new RequestHead();
    HeadReader reader = new HeadReader(HttpLimits.DEFAULT);
    reader.reset(true);
    check(reader.read(out, other, RequestSyntax::startLine), "what was written does not end");
    check(!out.isReadable(), "bytes stand behind what was written");
    if (head.version() != RequestHead.Version.HTTP10) {
      RequestSyntax.complete(other);
    } else if (other.find("host", 0) < 0) {
      return;
    } else {
      RequestSyntax.complete(other);
    }
    PathForm.normalize(other);
    other.stripHopByHop();
    String got = text(other);
    check(got.equals(sent), "sent:\n" + sent + "\nread again:\n" + got);
  }

  /** All of it through a connection whose handler answers each request. */
  private static void serve(byte[] data, int cut) {
    try (FuzzPipe pipe = new FuzzPipe()) {
      Http1Server server =
          new Http1Server(
              pipe.resources,
              (downstream, head, end) -> new Answering(pipe, downstream, head, end, data.length),
              new DownstreamConnection(
                  new InetSocketAddress("127.0.0.1", 1),
                  new InetSocketAddress("127.0.0.1", 2),
                  false,
                  Optional.empty(),
                  ""),
              new HttpServerSettings(0, 0, 0, 0, LIMITS));
      pipe.channel.pipeline().addLast(server);
      pipe.feed(data, 1, cut);
      server.sweep(System.nanoTime());
      server.drain();
    }
  }

  /** Answers when the request is complete. */
  static final class Answering implements RequestHandler {
    private final FuzzPipe pipe;
    private final long most;
    private @Nullable Downstream downstream;
    private long bytes;

    Answering(FuzzPipe pipe, Downstream downstream, RequestHead head, boolean end, long most) {
      this.pipe = pipe;
      this.most = most;
      this.downstream = downstream;
      pipe.resources.release(head);
      if (end) {
        answer();
      }
    }

    private void answer() {
      Downstream to = downstream;
      if (to == null) {
        throw new AssertionError("told after the end");
      }
      downstream = null;
      ResponseHead response = pipe.resources.responseHead();
      response.status(200);
      response.add("content-length", "2");
      to.respond(response, false);
      pipe.resources.release(response);
      to.data(pipe.resources.allocator().directBuffer(2).writeBytes(new byte[] {'o', 'k'}), true);
    }

    @Override
    public void data(ByteBuf data, boolean end) {
      bytes += data.readableBytes();
      data.release();
      check(bytes <= most, "more bytes than came: " + bytes);
      if (end) {
        answer();
      }
    }

    @Override
    public void trailers(HeaderBlock trailers) {
      answer();
    }

    @Override
    public void downstreamGone() {
      check(downstream != null, "gone after the end");
      downstream = null;
    }

    @Override
    public void requestTimedOut() {}

    @Override
    public void streamIdle() {}

    @Override
    public void downstreamWritable() {}
  }
}
