package dev.meshctl.dataplane.http;

import dev.meshctl.model.xds.HttpLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;

/**
 * Netty's frame codec as both our HTTP/2 sides use it: its limits, its flushing with the loop's
 * batch, its flow control.
 *
 * <p>Limits: those of the configuration, and {@value #MAX_RESETS} resets in {@value
 * #RESET_WINDOW_SECONDS} s (rapid reset).
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class Http2Frames extends Http2ConnectionHandler implements LoopResources.Flushable {
  static final int MAX_RESETS = 200;
  static final int RESET_WINDOW_SECONDS = 30;
  private static final int MAX_CONTROL_FRAMES = 1000;
  private static final int MAX_CONTINUATIONS = 16;
  private static final float UPDATE_WINDOW_BELOW = 0.5f;

  private final LoopResources resources;
  private final int connectionWindowBytes;
  private final ClosedStreams closed;
  private boolean enlisted;
  private boolean announced;
  private ChannelHandlerContext context;

  @SuppressWarnings("NullAway.Init")
  private Http2Frames(
      LoopResources resources,
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings,
      int connectionWindowBytes) {
    super(decoder, encoder, settings);
    this.resources = resources;
    this.connectionWindowBytes = connectionWindowBytes;
    this.closed = new ClosedStreams(decoder.connection());
  }

  static Http2Frames server(
      LoopResources resources, Http2EventAdapter listener, HttpLimits limits) {
    Http2Settings settings = settings(limits);
    settings.maxConcurrentStreams(limits.http2().streams());
    if (limits.http2().connect()) {
      settings.connectProtocolEnabled(true);
    }
    return new Builder(resources, true, listener, settings, limits).build();
  }

  static Http2Frames client(
      LoopResources resources, Http2EventAdapter listener, HttpLimits limits) {
    Http2Settings settings = settings(limits);
    settings.pushEnabled(false);
    return new Builder(resources, false, listener, settings, limits).build();
  }

  private static Http2Settings settings(HttpLimits limits) {
    Http2Settings settings = new Http2Settings();
    settings.initialWindowSize(limits.http2().streamWindowBytes());
    settings.maxHeaderListSize(limits.headBytes());
    if (limits.http2().tableBytes() != Http2CodecUtil.DEFAULT_HEADER_TABLE_SIZE) {
      settings.headerTableSize(limits.http2().tableBytes());
    }
    return settings;
  }

  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Http2Frames, Builder> {
    private final LoopResources resources;
    private final HttpLimits limits;

    Builder(
        LoopResources resources,
        boolean server,
        Http2EventAdapter listener,
        Http2Settings settings,
        HttpLimits limits) {
      this.resources = resources;
      this.limits = limits;
      DefaultHttp2Connection connection = new DefaultHttp2Connection(server, 0);
      // Refills the connection's window at once: a stream that stands still cannot stop the others.
      connection
          .local()
          .flowController(
              new DefaultHttp2LocalFlowController(connection, UPDATE_WINDOW_BELOW, true));
      connection
          .remote()
          .flowController(
              new DefaultHttp2RemoteFlowController(
                  connection, new UniformStreamByteDistributor(connection)));
      connection.addListener(listener);
      connection(connection);
      frameListener(listener);
      initialSettings(settings);
      // Without limit: whoever drains sets the deadline for all protocols.
      gracefulShutdownTimeoutMillis(-1);
      encoderEnforceMaxQueuedControlFrames(MAX_CONTROL_FRAMES);
      decoderEnforceMaxSmallContinuationFrames(MAX_CONTINUATIONS);
      if (server) {
        decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS);
        encoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS);
      }
    }

    @Override
    protected Http2Frames build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new Http2Frames(
          resources, decoder, encoder, settings, limits.http2().connectionWindowBytes());
    }

    @Override
    protected Http2Frames build() {
      return super.build();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    context = ctx;
    // Before the preface, which is written when this handler is there.
    ctx.pipeline().addBefore(ctx.name(), null, new GatheredWrites());
    super.handlerAdded(ctx);
    widenConnectionWindow();
  }

  private void widenConnectionWindow() throws Http2Exception {
    int more = connectionWindowBytes - Http2CodecUtil.DEFAULT_WINDOW_SIZE;
    if (more > 0 && context.channel().isActive()) {
      decoder().flowController().incrementWindowSize(connection().connectionStream(), more);
      flushSoon();
    }
  }

  /** Says GOAWAY now and closes once the streams have ended. */
  void shutDown() {
    if (announced) {
      goAway(connection().remote().lastStreamCreated());
    }
    try {
      // Through the handler: its context would pass it by.
      close(context, context.newPromise());
    } catch (Exception e) {
      context.close();
    }
  }

  /** Says that the connection is about to end, and refuses nothing yet. */
  void announceShutDown() {
    announced = true;
    goAway(Integer.MAX_VALUE);
    context.flush();
  }

  private void goAway(int lastStream) {
    goAway(
        context,
        lastStream,
        Http2Error.NO_ERROR.code(),
        Unpooled.EMPTY_BUFFER,
        context.newPromise());
  }

  ChannelHandlerContext context() {
    return context;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    resources.readBegins();
    super.channelRead(ctx, message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    super.channelReadComplete(ctx);
    resources.readEnds();
  }

  /** Without acknowledgements nothing can go on: half a connection of HTTP/2 is none. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    super.userEventTriggered(ctx, event);
    if (event instanceof ChannelInputShutdownEvent) {
      ctx.channel().unsafe().close(ctx.voidPromise());
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) != null) {
      super.exceptionCaught(ctx, cause);
    } else {
      // The peer reset the connection, or a write failed.
      ctx.channel().unsafe().close(ctx.voidPromise());
    }
  }

  /**
   * Tells apart what Netty answers alike: a frame that a peer may have sent before it saw our
   * reset, and one that it must never send (RFC 9113 5.1, 5.1.1). The second ends the connection.
   */
  @Override
  protected void onStreamError(
      ChannelHandlerContext ctx,
      boolean outbound,
      Throwable cause,
      Http2Exception.StreamException error) {
    if (outbound || !connection().isServer()) {
      super.onStreamError(ctx, outbound, cause, error);
      return;
    }
    int id = error.streamId();
    switch (closed.judge(id, error.error())) {
      case BELONGS_TO_STREAM -> super.onStreamError(ctx, outbound, cause, error);
      case STREAM_ENDED -> resetStream(ctx, id, Http2Error.STREAM_CLOSED.code(), ctx.newPromise());
      case CONNECTION_CLOSED_STREAM ->
          onConnectionError(
              ctx,
              outbound,
              cause,
              Http2Exception.connectionError(
                  Http2Error.STREAM_CLOSED, "frame for the ended stream %d", id));
      case CONNECTION_PROTOCOL ->
          onConnectionError(
              ctx,
              outbound,
              cause,
              Http2Exception.connectionError(
                  Http2Error.PROTOCOL_ERROR, "stream %d opened out of order", id));
    }
  }

  /** The streams that are over, told by whoever reads their frames. */
  ClosedStreams closed() {
    return closed;
  }

  void flushSoon() {
    if (!enlisted) {
      enlisted = true;
      resources.flushLater(this);
    }
  }

  @Override
  public void flushNow() {
    enlisted = false;
    // Through the handler, so that its flow controller writes what the windows allow.
    flush(context);
  }

  /** The future ends when the frame has left, which flow control may delay. */
  ChannelFuture writeHeaders(int streamId, Http2Headers headers, boolean end) {
    ChannelFuture written =
        encoder().writeHeaders(context, streamId, headers, 0, end, context.newPromise());
    flushSoon();
    return written;
  }

  /** Takes {@code data}; the future ends when it has left, which flow control may delay. */
  ChannelFuture writeData(int streamId, ByteBuf data, boolean end) {
    ChannelFuture written =
        encoder().writeData(context, streamId, data, 0, end, context.newPromise());
    flushSoon();
    return written;
  }

  void reset(int streamId, Http2Error error) {
    resetStream(context, streamId, error.code(), context.newPromise());
    flushSoon();
  }

  boolean writable(Http2Stream stream) {
    return encoder().flowController().isWritable(stream);
  }

  /** Gives {@code bytes} of a stream's window back to the peer. */
  void consumed(Http2Stream stream, int bytes) {
    try {
      if (bytes > 0 && decoder().flowController().consumeBytes(stream, bytes)) {
        flushSoon();
      }
    } catch (Http2Exception e) {
      onError(context, true, e);
    }
  }
}
