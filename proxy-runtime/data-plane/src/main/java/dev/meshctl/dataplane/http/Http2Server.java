package dev.meshctl.dataplane.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client's HTTP/2 connection: an exchange for each stream.
 *
 * <p>Thread: confined to the loop of the connection.
 */
public final class Http2Server extends Http2EventAdapter implements ServerConnection {
  /** Longer than any way to a client and back. */
  private static final long ANNOUNCED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LoopResources resources;
  private final RequestHandler.Factory handlers;
  private final DownstreamConnection connection;
  private final HttpServerSettings settings;
  private final Http2Frames frames;
  private final Http2Connection.PropertyKey key;
  private long activeNanos = System.nanoTime();
  private int open;
  private int requests;
  private boolean draining;
  private boolean retiring;
  private long retiredNanos;

  public Http2Server(
      LoopResources resources,
      RequestHandler.Factory handlers,
      DownstreamConnection connection,
      HttpServerSettings settings) {
    this.resources = resources;
    this.handlers = handlers;
    this.connection = connection;
    this.settings = settings;
    this.frames = Http2Frames.server(resources, this, settings.limits());
    this.key = frames.connection().newKey();
    frames.encoder().flowController().listener(this::writabilityChanged);
  }

  /** To be put into the pipeline. */
  public ChannelHandler handler() {
    return frames;
  }

  private void writabilityChanged(Http2Stream stream) {
    ServerStream exchange = stream.getProperty(key);
    if (exchange != null && exchange.handler != null && frames.writable(stream)) {
      exchange.handler.downstreamWritable();
    }
  }

  // ---- frames

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int streamDependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean endOfStream)
      throws Http2Exception {
    onHeadersRead(ctx, streamId, headers, padding, endOfStream);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int padding,
      boolean endOfStream)
      throws Http2Exception {
    Http2Stream stream = frames.connection().stream(streamId);
    if (stream == null) {
      return;
    }
    activeNanos = System.nanoTime();
    ServerStream exchange = stream.getProperty(key);
    try {
      if (exchange == null) {
        begin(stream, headers, endOfStream);
      } else {
        HeaderBlock trailers = new HeaderBlock();
        Http2Heads.readTrailers(headers, trailers, settings.limits().fields());
        exchange.requestTrailers(trailers);
      }
    } catch (Malformed.Exception e) {
      throw Http2Exception.streamError(
          streamId, Http2Error.PROTOCOL_ERROR, "malformed request: %s", e.malformed());
    }
  }

  private void begin(Http2Stream stream, Http2Headers headers, boolean end) {
    RequestHead head = resources.requestHead();
    try {
      Http2Heads.read(
          headers,
          head,
          connection.secure(),
          end,
          settings.limits().fields(),
          settings.limits().http2().connect());
      PathForm.normalize(head);
    } catch (Malformed.Exception e) {
      resources.release(head);
      throw e;
    }
    ServerStream exchange = new ServerStream(stream);
    stream.setProperty(key, exchange);
    frames.closed().begun(stream);
    open++;
    requests++;
    exchange.requestEnded = end;
    exchange.upgrades = head.upgrade();
    exchange.keyed = head.upgrade() && head.value(WebSocketKeys.KEY) != null;
    RequestHandler handler = handlers.handle(exchange, head, end);
    if (!exchange.responseEnded) {
      exchange.handler = handler;
    }
    if (settings.limits().requests() > 0 && requests >= settings.limits().requests()) {
      drain();
    }
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream) {
    int bytes = data.readableBytes() + padding;
    Http2Stream stream = frames.connection().stream(streamId);
    ServerStream exchange = stream == null ? null : stream.getProperty(key);
    if (exchange == null) {
      return bytes;
    }
    activeNanos = System.nanoTime();
    return exchange.requestData(data, bytes, endOfStream);
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) {
    frames.closed().resetByClient(streamId);
  }

  @Override
  public void onStreamClosed(Http2Stream stream) {
    ServerStream exchange = stream.removeProperty(key);
    if (exchange != null) {
      open--;
      exchange.closed();
    }
  }

  // ---- life of the connection

  @Override
  public void drain() {
    if (!draining) {
      draining = true;
      frames.shutDown();
    }
  }

  /**
   * Twice, as RFC 9113 section 6.8 has it: first that no stream will be served soon, while those
   * that are on their way still are, then, by the next sweep but one, which was the last.
   */
  @Override
  public void retire() {
    if (!draining && !retiring) {
      retiring = true;
      retiredNanos = System.nanoTime();
      frames.announceShutDown();
    }
  }

  @Override
  public void closeNow() {
    frames.context().channel().unsafe().close(frames.context().voidPromise());
  }

  @Override
  public void sweep(long nowNanos) {
    if (retiring && elapsed(nowNanos - retiredNanos, ANNOUNCED_NANOS)) {
      drain();
    }
    if (open == 0) {
      if (elapsed(nowNanos - activeNanos, settings.idleNanos())) {
        drain();
      }
      return;
    }
    List<ServerStream> late = new ArrayList<>();
    try {
      frames
          .connection()
          .forEachActiveStream(stream -> {
            ServerStream exchange = stream.getProperty(key);
            if (exchange != null) {
              late.add(exchange);
            }
            return true;
          });
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
    late.forEach(exchange -> exchange.sweep(nowNanos));
  }

  private static boolean elapsed(long nanos, long limit) {
    return limit > 0 && nanos >= limit;
  }

  /** One exchange. */
  private final class ServerStream implements Downstream {
    private final Http2Stream stream;
    private final long startNanos = System.nanoTime();
    private long lastNanos = startNanos;
    private @Nullable RequestHandler handler;
    private boolean requestEnded;
    private boolean responseEnded;
    private boolean paused;

    /** The client asked to leave HTTP, with a key of its own where it said one. */
    private boolean upgrades;

    private boolean keyed;
    private int unconsumed;

    ServerStream(Http2Stream stream) {
      this.stream = stream;
    }

    int requestData(ByteBuf data, int bytes, boolean end) {
      lastNanos = activeNanos;
      requestEnded |= end;
      RequestHandler to = handler;
      if (to == null) {
        return bytes;
      }
      to.data(data.retainedSlice(), end);
      if (paused) {
        unconsumed += bytes;
        return 0;
      }
      return bytes;
    }

    void requestTrailers(HeaderBlock block) {
      requestEnded = true;
      if (handler != null) {
        handler.trailers(block);
      }
    }

    void closed() {
      RequestHandler to = handler;
      handler = null;
      if (to != null && !responseEnded) {
        responseEnded = true;
        to.downstreamGone();
      }
    }

    void sweep(long nowNanos) {
      RequestHandler to = handler;
      if (to == null) {
        return;
      }
      if (!requestEnded && elapsed(nowNanos - startNanos, settings.requestNanos())) {
        to.requestTimedOut();
      } else if (elapsed(nowNanos - lastNanos, to.streamIdleNanos(settings.streamIdleNanos()))) {
        to.streamIdle();
      }
    }

    @Override
    public void informational(ResponseHead head) {
      if (!responseEnded) {
        frames.writeHeaders(stream.id(), Http2Heads.write(head), false);
      }
    }

    @Override
    public void respond(ResponseHead head, boolean end) {
      if (!responseEnded) {
        if (upgrades && head.status() == 101) {
          accepted(head);
        }
        ended(frames.writeHeaders(stream.id(), Http2Heads.write(head), end), end);
      }
    }

    /** HTTP/2 says yes to an upgrade by 200 (RFC 8441 5). */
    private void accepted(ResponseHead head) {
      head.status(200);
      head.removeId(HeaderId.UPGRADE);
      if (!keyed) {
        head.remove(WebSocketKeys.ACCEPT);
      }
    }

    @Override
    public void data(ByteBuf data, boolean end) {
      if (responseEnded) {
        data.release();
        return;
      }
      lastNanos = System.nanoTime();
      ended(frames.writeData(stream.id(), data, end), end);
    }

    @Override
    public void trailers(HeaderBlock block) {
      if (!responseEnded) {
        ended(frames.writeHeaders(stream.id(), Http2Heads.writeTrailers(block), true), true);
      }
    }

    private void ended(ChannelFuture lastFrame, boolean end) {
      if (end) {
        responseEnded = true;
        handler = null;
        readRequest(true);
        if (!requestEnded) {
          // Not before: a reset drops what flow control still holds back.
          lastFrame.addListener(written -> {
            if (!requestEnded) {
              // The rest of the request is not wanted (RFC 9113 8.1).
              frames.reset(stream.id(), Http2Error.NO_ERROR);
            }
          });
        }
      }
    }

    @Override
    public void abort() {
      handler = null;
      if (!responseEnded) {
        responseEnded = true;
        frames.reset(stream.id(), Http2Error.INTERNAL_ERROR);
      }
    }

    @Override
    public boolean writable() {
      return frames.writable(stream);
    }

    @Override
    public void readRequest(boolean on) {
      paused = !on;
      if (on && unconsumed > 0) {
        int bytes = unconsumed;
        unconsumed = 0;
        frames.consumed(stream, bytes);
      }
    }

    @Override
    public void closeAfterResponse() {
      drain();
    }

    @Override
    public DownstreamConnection connection() {
      return connection;
    }
  }
}
