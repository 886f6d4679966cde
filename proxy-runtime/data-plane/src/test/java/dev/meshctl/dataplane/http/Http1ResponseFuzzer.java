package dev.meshctl.dataplane.http;

import static dev.meshctl.dataplane.http.FuzzPipe.check;

import dev.meshctl.model.xds.HttpLimits;
import io.netty.buffer.ByteBuf;

/**
 * Answers of an HTTP/1 upstream. The first byte says into reads of how many bytes the rest is cut,
 * and its highest bit that HEAD was asked.
 *
 * <p>Invariants: an exchange has one final head and one end; nothing is told after it; a head that
 * is taken and written again reads the same; a connection that an answer left in doubt is not used
 * again; all buffers are given back.
 */
public final class Http1ResponseFuzzer {
  private static final HttpLimits LIMITS = new HttpLimits(2, 24, 0, HttpLimits.Http2.DEFAULT);

  private Http1ResponseFuzzer() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length < 2) {
      return;
    }
    try (FuzzPipe pipe = new FuzzPipe()) {
      Exchanges exchanges = new Exchanges(pipe, data[0] < 0, data.length);
      pipe.channel.pipeline().addLast(exchanges.client);
      exchanges.begin();
      pipe.feed(data, 1, data[0] & 0x7F);
    }
  }

  /** One exchange after another, as long as the connection lets them. */
  private static final class Exchanges implements Http1Client.Owner, UpstreamStream.Listener {
    private final FuzzPipe pipe;
    private final boolean head;
    private final long most;
    private final Http1Client client;
    private boolean answered;
    private boolean ended = true;
    private long bytes;

    Exchanges(FuzzPipe pipe, boolean head, long most) {
      this.pipe = pipe;
      this.head = head;
      this.most = most;
      this.client = new Http1Client(pipe.resources, this, LIMITS);
    }

    void begin() {
      check(ended, "another exchange before the end of the last");
      answered = false;
      ended = false;
      bytes = 0;
      RequestHead request = pipe.resources.requestHead();
      request.start(head ? "HEAD" : "GET", "/", "a");
      client.start(this).request(request, true);
      pipe.resources.release(request);
    }

    @Override
    public void idle(Http1Client connection) {
      check(ended, "idle before the end");
      begin();
    }

    @Override
    public void closed(Http1Client connection) {}

    @Override
    public void informational(ResponseHead response) {
      check(!answered && !ended, "an interim head after the final one");
      check(response.status() < 200, "interim: " + response.status());
    }

    @Override
    public void response(ResponseHead response, boolean end) {
      check(!answered && !ended, "a second final head");
      check(response.status() >= 200, "final: " + response.status());
      check(response.size() <= LIMITS.fields() + 1, "fields: " + response.size());
      answered = true;
      ended = end;
      again(response);
    }

    private void again(ResponseHead response) {
      ByteBuf out = pipe.resources.allocator().directBuffer();
      ResponseHead other = new ResponseHead();
      try {
        response.writeHttp1(out, ResponseHead.Framing.NONE, false, false);
        HeadReader reader = new HeadReader(HttpLimits.DEFAULT);
        reader.reset(true);
        check(reader.read(out, other, ResponseSyntax::startLine), "what was written does not end");
        check(!out.isReadable(), "bytes stand behind what was written");
        check(other.status() == response.status(), "status " + other.status());
        check(text(other).equals(text(response)), text(response) + "\n: " + text(other));
      } finally {
        out.release();
      }
    }

    private static String text(HeaderBlock head) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < head.size(); i++) {
        if (!head.removed(i)) {
          text.append(head.name(i)).append('=').append(head.value(i)).append('\n');
        }
      }
      return text.toString();
    }

    @Override
    public void responseData(ByteBuf data, boolean end) {
      bytes += data.readableBytes();
      data.release();
      check(answered && !ended, "data before the head or after the end");
      check(bytes <= most, "more bytes than came: " + bytes);
      check(!head || bytes == 0, "an answer to HEAD with a body");
      ended = end;
    }

    @Override
    public void responseTrailers(HeaderBlock trailers) {
      check(answered && !ended, "trailers before the head or after the end");
      ended = true;
    }

    @Override
    public void upstreamGone(UpstreamStream.Reset reset) {
      check(!ended, "gone after the end");
      ended = true;
    }

    @Override
    public void upstreamWritable() {}
  }
}
