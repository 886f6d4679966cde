package dev.meshctl.dataplane.http;

import dev.meshctl.dataplane.http.RequestHead.Body;
import dev.meshctl.dataplane.http.RequestHead.Version;
import dev.meshctl.dataplane.http.ResponseHead.Framing;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client's HTTP/1 connection: one exchange at a time, pipelined requests wait in the socket.
 *
 * <pre>
 * HEAD -- head complete --> BODY -- body complete --> AWAIT_RESPONSE -- response complete --> HEAD
 *   |                        |                                       -- Connection: close --> CLOSED
 *   |                        +-- response complete first --> LINGER (discard, then CLOSED)
 *   +-- 101 or CONNECT 2xx --> TUNNEL
 * </pre>
 *
 * <p>Thread: confined to the loop of the connection.
 */
public final class Http1Server extends ChannelInboundHandlerAdapter
    implements Downstream, ServerConnection {
  private static final long LINGER_MILLIS = 1000;

  /** What is written before a close is given up when the client takes nothing of it for so long. */
  private static final long LAST_WORDS_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** A body of at most this is read to its end when the response did not wait for it. */
  private static final long DISCARDED_BODY_BYTES = 64 * 1024;

  private enum State {
    HEAD,
    BODY,
    AWAIT_RESPONSE,
    TUNNEL,
    LINGER,
    CLOSED
  }

  private final LoopResources resources;
  private final RequestHandler.Factory handlers;
  private final DownstreamConnection connection;
  private final HttpServerSettings settings;
  private final HeadReader headReader;
  private final BodyReader bodyReader;
  private final RequestBody requestBody = new RequestBody();
  private final UnsentWatch unsent = new UnsentWatch();

  private @Nullable ChannelHandlerContext context;
  private @Nullable OutputStage output;
  private State state = State.HEAD;
  private @Nullable RequestHead head;
  private @Nullable RequestHandler exchange;
  private @Nullable ByteBuf waiting;
  private boolean processing;
  private boolean paused;
  private boolean draining;

  private boolean requestIsHead;
  private boolean requestIsConnect;
  private boolean keepAlive;
  private boolean http10;
  private boolean responded;
  private boolean responseEnded;
  private boolean bodyIsShort;
  private Framing framing = Framing.NONE;
  private long activeNanos = System.nanoTime();
  private long headStartNanos;
  private int requests;

  public Http1Server(
      LoopResources resources,
      RequestHandler.Factory handlers,
      DownstreamConnection connection,
      HttpServerSettings settings) {
    this.resources = resources;
    this.handlers = handlers;
    this.connection = connection;
    this.settings = settings;
    this.headReader = new HeadReader(settings.limits());
    this.bodyReader = new BodyReader(settings.limits());
    headReader.reset(true);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    output = new OutputStage(resources, ctx);
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return ctx;
  }

  private OutputStage output() {
    OutputStage out = output;
    if (out == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return out;
  }

  // ---- reading

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    resources.readBegins();
    activeNanos = System.nanoTime();
    ByteBuf in = (ByteBuf) message;
    ByteBuf before = waiting;
    if (before != null) {
      waiting = null;
      in = Unpooled.wrappedBuffer(before, in);
    }
    process(in);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    resources.readEnds();
  }

  /** Takes {@code in}. */
  private void process(ByteBuf in) {
    processing = true;
    try {
      boolean more = true;
      while (more) {
        more = step(in);
      }
    } catch (Malformed.Exception e) {
      reject(e.malformed());
    } finally {
      processing = false;
      if (in.isReadable() && state == State.AWAIT_RESPONSE) {
        waiting = in;
        applyReading();
      } else {
        in.release();
      }
    }
  }

  /** One step with {@code in} (borrowed); false when it can do no more. */
  private boolean step(ByteBuf in) {
    switch (state) {
      case HEAD -> {
        return in.isReadable() && readHead(in);
      }
      case BODY -> {
        if (!in.isReadable() || !bodyReader.read(in, requestBody)) {
          return false;
        }
        if (state == State.BODY) {
          requestEnded();
        }
        return true;
      }
      case AWAIT_RESPONSE -> {
        return false;
      }
      case TUNNEL -> {
        RequestHandler handler = exchange;
        if (handler != null && in.isReadable()) {
          handler.data(in.readRetainedSlice(in.readableBytes()), false);
        }
        return false;
      }
      case LINGER, CLOSED -> {
        in.skipBytes(in.readableBytes());
        return false;
      }
    }
    throw new AssertionError(state);
  }

  private boolean readHead(ByteBuf in) {
    RequestHead request = head;
    if (request == null) {
      request = resources.requestHead();
      head = request;
      headStartNanos = activeNanos;
      headReader.reset(true);
    }
    if (!headReader.read(in, request, RequestSyntax::startLine)) {
      return false;
    }
    RequestSyntax.complete(request);
    PathForm.normalize(request);
    begin(request);
    return true;
  }

  private void begin(RequestHead request) {
    head = null;
    request.secure = connection.secure();
    requestIsHead = request.isHead();
    requestIsConnect = request.isConnect();
    http10 = request.version == Version.HTTP10;
    requests++;
    boolean last = settings.limits().requests() > 0 && requests >= settings.limits().requests();
    keepAlive = request.keepAlive && !draining && !last;
    responded = false;
    responseEnded = false;
    boolean hasBody = request.body != Body.NONE && !requestIsConnect;
    if (!hasBody) {
      state = State.AWAIT_RESPONSE;
    } else {
      state = State.BODY;
      if (request.body == Body.SIZED) {
        bodyReader.sized(request.contentLength);
      } else {
        bodyReader.chunked();
      }
      bodyIsShort = request.body == Body.SIZED && request.contentLength <= DISCARDED_BODY_BYTES;
      if (request.expectsContinue) {
        sayContinue();
      }
    }
    request.removeId(HeaderId.EXPECT);
    RequestHandler handler = handlers.handle(this, request, !hasBody && !request.leavesHttp());
    if (!responseEnded && state != State.CLOSED) {
      exchange = handler;
    }
  }

  private void sayContinue() {
    OutputStage out = output();
    out.append(Http1Text.CONTINUE.length, 0).writeBytes(Http1Text.CONTINUE);
    out.flushNow();
  }

  /** Hands the body on, or drops it where the response did not wait for it. */
  private final class RequestBody implements BodyReader.Sink {
    @Override
    public void data(ByteBuf data, boolean end) {
      if (end) {
        requestEnded();
      }
      RequestHandler handler = exchange;
      if (handler == null) {
        data.release();
      } else {
        handler.data(data, end);
      }
    }

    @Override
    public void trailers(HeaderBlock trailers) {
      requestEnded();
      RequestHandler handler = exchange;
      if (handler != null) {
        handler.trailers(trailers);
      }
    }

    @Override
    public boolean closed() {
      return state != State.BODY;
    }
  }

  private void requestEnded() {
    if (responseEnded) {
      exchangeEnded();
    } else {
      state = State.AWAIT_RESPONSE;
    }
  }

  private void reject(Malformed malformed) {
    RequestHandler handler = exchange;
    exchange = null;
    keepAlive = false;
    if (handler != null) {
      handler.downstreamGone();
    }
    if (responded) {
      closeNow();
      return;
    }
    respondPlain(malformed.status());
  }

  /** Answers without an exchange, then closes. */
  private void respondPlain(int status) {
    releaseHead();
    ResponseHead response = resources.responseHead();
    response.status(status);
    response.add("content-length", "0");
    keepAlive = false;
    state = State.BODY;
    respond(response, true);
    resources.release(response);
  }

  private void releaseHead() {
    RequestHead request = head;
    if (request != null) {
      head = null;
      resources.release(request);
    }
  }

  // ---- writing

  @Override
  public void informational(ResponseHead response) {
    if (responded || http10 || state == State.CLOSED) {
      return;
    }
    ByteBuf out = output().append(response.http1Bytes(), 0);
    response.writeHttp1(out, Framing.NONE, false, false);
  }

  @Override
  public void respond(ResponseHead response, boolean end) {
    if (state == State.CLOSED) {
      return;
    }
    responded = true;
    framing = framingOf(response, end);
    boolean tunnel = framing == Framing.TUNNEL;
    if (state == State.BODY && end && !bodyIsShort) {
      keepAlive = false;
    }
    if (framing == Framing.UNTIL_CLOSE || draining) {
      keepAlive = false;
    }
    ByteBuf out = output().append(response.http1Bytes(), response.contentLength);
    response.writeHttp1(out, framing, !keepAlive && !tunnel, http10 && keepAlive);
    if (tunnel) {
      openTunnel();
    } else if (end) {
      responseEnded();
    }
  }

  private Framing framingOf(ResponseHead response, boolean end) {
    int status = response.status();
    if (status == 101 || (requestIsConnect && status / 100 == 2)) {
      return Framing.TUNNEL;
    }
    if (requestIsHead || status == 204 || status == 304) {
      return Framing.NONE;
    }
    if (response.findId(HeaderId.CONTENT_LENGTH, 0) >= 0) {
      return Framing.SIZED;
    }
    if (end) {
      response.add("content-length", "0");
      return Framing.SIZED;
    }
    return http10 ? Framing.UNTIL_CLOSE : Framing.CHUNKED;
  }

  private void openTunnel() {
    state = State.TUNNEL;
    ByteBuf early = waiting;
    waiting = null;
    applyReading();
    if (early != null && !processing) {
      resources.loop().execute(() -> process(early));
    }
  }

  @Override
  public void data(ByteBuf data, boolean end) {
    if (state == State.CLOSED || responseEnded) {
      data.release();
      return;
    }
    activeNanos = System.nanoTime();
    int length = data.readableBytes();
    if (framing == Framing.NONE || length == 0) {
      data.release();
    } else if (framing == Framing.CHUNKED) {
      ByteBuf size = output().append(ChunkSize.MAX_BYTES, length + 2L);
      ChunkSize.write(size, length);
      output().write(data);
      output().append(2, 5).writeBytes(Http1Text.LINE_END);
    } else {
      output().write(data);
    }
    if (end) {
      if (framing == Framing.CHUNKED) {
        output().append(Http1Text.LAST_CHUNK.length, 0).writeBytes(Http1Text.LAST_CHUNK);
      }
      responseEnded();
    }
  }

  @Override
  public void trailers(HeaderBlock trailers) {
    if (state == State.CLOSED || responseEnded) {
      return;
    }
    if (framing == Framing.CHUNKED) {
      ByteBuf out = output().append(trailers.textBytes() + 5, 0);
      out.writeBytes(Http1Text.LAST_CHUNK_START);
      trailers.writeFields(out);
      out.writeBytes(Http1Text.LINE_END);
    }
    responseEnded();
  }

  private void responseEnded() {
    responseEnded = true;
    exchange = null;
    if (state == State.TUNNEL) {
      closeAfterFlush(false);
    } else if (state == State.AWAIT_RESPONSE) {
      exchangeEnded();
    } else if (!keepAlive) {
      closeAfterFlush(true);
    } else {
      paused = false;
      applyReading();
    }
  }

  /** Request and response are both complete. */
  private void exchangeEnded() {
    if (!keepAlive) {
      closeAfterFlush(false);
      return;
    }
    state = State.HEAD;
    paused = false;
    ByteBuf next = waiting;
    if (next != null && !processing) {
      // On a fresh stack: a long pipeline must not deepen it.
      resources.loop().execute(this::processWaiting);
    } else {
      applyReading();
    }
  }

  private void processWaiting() {
    ByteBuf next = waiting;
    waiting = null;
    if (next != null) {
      if (state == State.CLOSED) {
        next.release();
        return;
      }
      resources.readBegins();
      process(next);
      resources.readEnds();
    }
    applyReading();
  }

  /**
   * @param linger the client still sends: read on for a while, else the kernel resets the
   *     connection and takes the response with it
   */
  private void closeAfterFlush(boolean linger) {
    ChannelHandlerContext ctx = context();
    state = linger ? State.LINGER : State.CLOSED;
    output().flushNow();
    if (linger && ctx.channel() instanceof DuplexChannel socket) {
      paused = false;
      applyReading();
      ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(f -> socket.shutdownOutput());
      resources.loop().schedule(this::closeNow, LINGER_MILLIS, TimeUnit.MILLISECONDS);
    } else {
      ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void abort() {
    exchange = null;
    closeNow();
  }

  @Override
  public void closeNow() {
    state = State.CLOSED;
    UnsentWatch.resetWhereStuck(context().channel());
    context().close();
  }

  @Override
  public boolean writable() {
    return context().channel().isWritable();
  }

  @Override
  public void readRequest(boolean on) {
    if (paused == on) {
      paused = !on;
      applyReading();
    }
  }

  private void applyReading() {
    boolean read = !paused && waiting == null;
    var config = context().channel().config();
    if (config.isAutoRead() != read) {
      config.setAutoRead(read);
    }
  }

  @Override
  public void closeAfterResponse() {
    keepAlive = false;
  }

  @Override
  public DownstreamConnection connection() {
    return connection;
  }

  // ---- life of the connection

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    RequestHandler handler = exchange;
    if (handler != null && ctx.channel().isWritable()) {
      handler.downstreamWritable();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      RequestHandler handler = exchange;
      if (state == State.TUNNEL && handler != null) {
        handler.data(Unpooled.EMPTY_BUFFER, true);
      } else {
        ctx.close();
      }
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    state = State.CLOSED;
    RequestHandler handler = exchange;
    exchange = null;
    if (handler != null) {
      handler.downstreamGone();
    }
    releaseHead();
    ByteBuf rest = waiting;
    waiting = null;
    if (rest != null) {
      rest.release();
    }
    output().discard();
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // A write that failed or a peer that reset: the connection is of no more use.
    closeNow();
  }

  @Override
  public void drain() {
    draining = true;
    if (state == State.HEAD && head == null) {
      closeAfterFlush(false);
    }
  }

  /**
   * The request that is on its way to us is answered, and told that it was the last: to close an
   * idle connection at once loses a request that crosses the end.
   */
  @Override
  public void retire() {
    draining = true;
  }

  @Override
  public void sweep(long nowNanos) {
    long quiet = nowNanos - activeNanos;
    RequestHandler handler = exchange;
    long takes = state == State.CLOSED ? LAST_WORDS_NANOS : settings.streamIdleNanos();
    if (handler == null && unsent.stuck(context().channel(), nowNanos, takes)) {
      closeNow();
    } else if (handler != null) {
      if (state == State.BODY && elapsed(nowNanos - headStartNanos, settings.requestNanos())) {
        handler.requestTimedOut();
      } else if (elapsed(quiet, handler.streamIdleNanos(settings.streamIdleNanos()))) {
        handler.streamIdle();
      }
    } else if (head != null) {
      if (elapsed(nowNanos - headStartNanos, settings.headNanos())) {
        respondPlain(408);
      }
    } else if (state == State.HEAD
        && (elapsed(quiet, settings.idleNanos())
            || (draining && elapsed(quiet, TimeUnit.SECONDS.toNanos(QUIET_SECONDS))))) {
      closeAfterFlush(false);
    }
  }

  private static boolean elapsed(long nanos, long limit) {
    return limit > 0 && nanos >= limit;
  }
}
