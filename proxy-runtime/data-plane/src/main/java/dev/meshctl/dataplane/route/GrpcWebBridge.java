package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.http.Downstream;
import dev.meshctl.dataplane.http.DownstreamConnection;
import dev.meshctl.dataplane.http.HeaderBlock;
import dev.meshctl.dataplane.http.LoopResources;
import dev.meshctl.dataplane.http.RequestHandler;
import dev.meshctl.dataplane.http.RequestHead;
import dev.meshctl.dataplane.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A gRPC-Web client before a gRPC exchange ({@code envoy.filters.http.grpc_web}; gRPC's
 * PROTOCOL-WEB.md): its requests become gRPC, and the trailers of the answer the last frame of its
 * body. Both forms, binary and text.
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class GrpcWebBridge implements RequestHandler {
  private static final String GRPC = "application/grpc";
  private static final String WEB = "application/grpc-web";
  private static final String WEB_TEXT = "application/grpc-web-text";

  /** Flags of the frame that holds trailers. */
  private static final int TRAILERS_FRAME = 0x80;

  private final LoopResources resources;
  private final Downstream client;
  private final @Nullable GrpcWebText requestText;
  private final boolean textAnswer;
  private @Nullable RequestHandler exchange;

  /** What is answered is gRPC; anything else goes out as it is. */
  private boolean translates;

  private boolean answered;
  private boolean ended;

  private GrpcWebBridge(
      LoopResources resources, Downstream client, boolean textRequest, boolean textAnswer) {
    this.resources = resources;
    this.client = client;
    this.requestText = textRequest ? new GrpcWebText() : null;
    this.textAnswer = textAnswer;
  }

  private static boolean startsWith(CharSequence text, String prefix) {
    return AsciiString.regionMatches(text, true, 0, prefix, 0, prefix.length());
  }

  /** As {@link RequestHandler.Factory#handle}. */
  static RequestHandler begin(
      RequestHandler.Factory exchanges,
      LoopResources resources,
      Downstream client,
      RequestHead head,
      boolean end) {
    String type = String.valueOf(head.value("content-type"));
    boolean text = startsWith(type, WEB_TEXT);
    CharSequence accept = head.value("accept");
    GrpcWebBridge bridge =
        new GrpcWebBridge(
            resources,
            client,
            text,
            accept == null || !startsWith(accept, WEB) ? text : startsWith(accept, WEB_TEXT));
    head.set("content-type", GRPC + type.substring((text ? WEB_TEXT : WEB).length()));
    head.set("te", "trailers");
    if (text && !end) {
      head.streamed();
    }
    RequestHandler exchange = exchanges.handle(bridge.new Answer(), head, end);
    if (!bridge.ended) {
      bridge.exchange = exchange;
    }
    return bridge;
  }

  // ---- request

  @Override
  public void data(ByteBuf data, boolean end) {
    RequestHandler to = exchange;
    GrpcWebText text = requestText;
    if (to == null) {
      data.release();
      return;
    }
    if (text == null) {
      to.data(data, end);
      return;
    }
    ByteBuf bytes = text.decode(resources.allocator(), data);
    data.release();
    if (bytes == null || (end && !text.complete())) {
      if (bytes != null) {
        bytes.release();
      }
      refuse();
    } else if (end || bytes.isReadable()) {
      to.data(bytes, end);
    } else {
      bytes.release();
    }
  }

  /** The body is not Base64. */
  private void refuse() {
    RequestHandler told = exchange;
    exchange = null;
    if (answered) {
      client.abort();
    } else {
      ResponseHead response = resources.responseHead();
      response.status(400);
      response.add("content-length", "0");
      client.respond(response, true);
      resources.release(response);
    }
    answered = true;
    ended = true;
    if (told != null) {
      told.downstreamGone();
    }
  }

  @Override
  public void trailers(HeaderBlock trailers) {
    RequestHandler to = exchange;
    if (to != null) {
      to.trailers(trailers);
    }
  }

  @Override
  public void downstreamGone() {
    RequestHandler to = exchange;
    exchange = null;
    if (to != null) {
      to.downstreamGone();
    }
  }

  @Override
  public void requestTimedOut() {
    RequestHandler to = exchange;
    if (to != null) {
      to.requestTimedOut();
    }
  }

  @Override
  public void streamIdle() {
    RequestHandler to = exchange;
    if (to != null) {
      to.streamIdle();
    }
  }

  @Override
  public long streamIdleNanos(long ofConnection) {
    RequestHandler to = exchange;
    return to == null ? ofConnection : to.streamIdleNanos(ofConnection);
  }

  @Override
  public void downstreamWritable() {
    RequestHandler to = exchange;
    if (to != null) {
      to.downstreamWritable();
    }
  }

  /** The client's side, as the exchange sees it. */
  private final class Answer implements Downstream {
    @Override
    public void informational(ResponseHead head) {
      client.informational(head);
    }

    @Override
    public void respond(ResponseHead head, boolean end) {
      if (ended) {
        return;
      }
      answered = true;
      CharSequence type = head.value("content-type");
      translates = type != null && startsWith(type, GRPC) && !startsWith(type, WEB);
      if (translates) {
        String format = String.valueOf(type).substring(GRPC.length());
        head.set("content-type", (textAnswer ? WEB_TEXT : WEB) + format);
        if (!end) {
          head.streamed();
        }
      }
      ends(end);
      client.respond(head, end);
    }

    private void ends(boolean now) {
      if (now) {
        ended = true;
        exchange = null;
      }
    }

    @Override
    public void data(ByteBuf data, boolean end) {
      if (ended) {
        data.release();
        return;
      }
      ends(end);
      client.data(
          translates && textAnswer ? GrpcWebText.encode(resources.allocator(), data) : data, end);
    }

    @Override
    public void trailers(HeaderBlock trailers) {
      if (translates) {
        data(frame(trailers), true);
      } else if (!ended) {
        ends(true);
        client.trailers(trailers);
      }
    }

    private static ByteBuf frame(HeaderBlock trailers) {
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < trailers.size(); i++) {
        if (!trailers.removed(i)) {
          lines
              .append(trailers.name(i).toLowerCase(Locale.ROOT))
              .append(':')
              .append(trailers.value(i))
              .append("\r\n");
        }
      }
      byte[] text = lines.toString().getBytes(StandardCharsets.ISO_8859_1);
      return Unpooled.buffer(5 + text.length)
          .writeByte(TRAILERS_FRAME)
          .writeInt(text.length)
          .writeBytes(text);
    }

    @Override
    public void abort() {
      if (!ended) {
        ends(true);
        client.abort();
      }
    }

    @Override
    public boolean writable() {
      return client.writable();
    }

    @Override
    public void readRequest(boolean on) {
      client.readRequest(on);
    }

    @Override
    public void closeAfterResponse() {
      client.closeAfterResponse();
    }

    @Override
    public DownstreamConnection connection() {
      return client.connection();
    }
  }
}
