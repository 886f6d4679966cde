package dev.meshctl.dataplane.http;

import dev.meshctl.dataplane.http.RequestHead.Body;
import dev.meshctl.dataplane.http.ResponseHead.Framing;
import dev.meshctl.model.xds.HttpLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * An upstream's HTTP/1 connection: one exchange at a time.
 *
 * <pre>
 * IDLE -- start --> HEAD -- final head --> BODY -- end --> IDLE, or CLOSED where it cannot be reused
 *                    |
 *                    +-- 101 --> TUNNEL
 * </pre>
 *
 * <p>Thread: confined to the loop of the connection.
 */
public final class Http1Client extends ChannelInboundHandlerAdapter implements UpstreamStream {

  /** Who keeps the connection between exchanges. */
  public interface Owner {
    /** The exchange ended; another may start. */
    void idle(Http1Client connection);

    /** Told once, when the connection is gone. */
    void closed(Http1Client connection);
  }

  private enum State {
    IDLE,
    HEAD,
    BODY,
    TUNNEL,
    CLOSED
  }

  private final LoopResources resources;
  private final Owner owner;
  private final HeadReader headReader;
  private final BodyReader bodyReader;
  private final int mostExchanges;
  private final ResponseBody responseBody = new ResponseBody();

  private @Nullable ChannelHandlerContext context;
  private @Nullable OutputStage output;
  private @Nullable Listener listener;
  private @Nullable ResponseHead head;
  private State state = State.IDLE;
  private boolean requestEnded;
  private boolean chunked;
  private boolean tunnelling;
  private boolean connecting;
  private boolean toHead;
  private boolean keepAlive;
  private int exchanges;
  private final long bornNanos = System.nanoTime();
  private long idleSinceNanos = bornNanos;

  public Http1Client(LoopResources resources, Owner owner, HttpLimits limits) {
    this.resources = resources;
    this.owner = owner;
    this.headReader = new HeadReader(limits);
    this.bodyReader = new BodyReader(limits);
    this.mostExchanges = limits.requests();
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

  /** Idle and open. */
  public boolean usable() {
    return state == State.IDLE && context().channel().isActive();
  }

  public long bornNanos() {
    return bornNanos;
  }

  public long idleSinceNanos() {
    return idleSinceNanos;
  }

  /** Begins an exchange on an idle connection. */
  public UpstreamStream start(Listener newListener) {
    if (state != State.IDLE) {
      throw new IllegalStateException("busy");
    }
    listener = newListener;
    state = State.HEAD;
    requestEnded = false;
    exchanges++;
    return this;
  }

  // ---- writing

  @Override
  public void request(RequestHead request, boolean end) {
    toHead = request.isHead();
    chunked = request.body() == Body.STREAMED;
    tunnelling = request.leavesHttp();
    connecting = request.isConnect();
    requestEnded = end;
    ByteBuf out = output().append(request.http1Bytes(), request.contentLength());
    request.writeHttp1(out);
  }

  @Override
  public void data(ByteBuf data, boolean end) {
    if (state == State.CLOSED || requestEnded) {
      data.release();
      return;
    }
    int length = data.readableBytes();
    if (length == 0) {
      data.release();
    } else if (chunked && !tunnelling) {
      ChunkSize.write(output().append(ChunkSize.MAX_BYTES, length + 2L), length);
      output().write(data);
      output().append(2, 5).writeBytes(Http1Text.LINE_END);
    } else {
      output().write(data);
    }
    if (end) {
      requestEnded = true;
      if (tunnelling) {
        output().flushNow();
        HalfClose.output(context());
      } else if (chunked) {
        output().append(Http1Text.LAST_CHUNK.length, 0).writeBytes(Http1Text.LAST_CHUNK);
      }
    }
  }

  @Override
  public void trailers(HeaderBlock trailers) {
    if (state == State.CLOSED || requestEnded) {
      return;
    }
    requestEnded = true;
    if (chunked) {
      ByteBuf out = output().append(trailers.textBytes() + 5, 0);
      out.writeBytes(Http1Text.LAST_CHUNK_START);
      trailers.writeFields(out);
      out.writeBytes(Http1Text.LINE_END);
    }
  }

  @Override
  public void abort() {
    listener = null;
    close();
  }

  /** Closes an idle connection, or ends its exchange. */
  public void close() {
    state = State.CLOSED;
    context().close();
  }

  @Override
  public boolean writable() {
    return context().channel().isWritable();
  }

  @Override
  public void readResponse(boolean on) {
    context().channel().config().setAutoRead(on);
  }

  @Override
  public @Nullable SocketAddress localAddress() {
    return context().channel().localAddress();
  }

  @Override
  public boolean reused() {
    return exchanges > 1;
  }

  // ---- reading

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    resources.readBegins();
    ByteBuf in = (ByteBuf) message;
    try {
      boolean more = true;
      while (more && in.isReadable()) {
        more = step(in);
      }
    } catch (Malformed.Exception e) {
      gone(Reset.PROTOCOL_ERROR);
      close();
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    resources.readEnds();
  }

  private boolean step(ByteBuf in) {
    switch (state) {
      case IDLE -> {
        // Bytes nobody asked for: the next response could be mistaken.
        close();
        return false;
      }
      case HEAD -> {
        return readHead(in);
      }
      case BODY -> {
        return bodyReader.read(in, responseBody);
      }
      case TUNNEL -> {
        Listener to = listener;
        if (to != null) {
          to.responseData(in.readRetainedSlice(in.readableBytes()), false);
        }
        return false;
      }
      case CLOSED -> {
        return false;
      }
    }
    throw new AssertionError(state);
  }

  private boolean readHead(ByteBuf in) {
    ResponseHead response = head;
    if (response == null) {
      response = resources.responseHead();
      head = response;
      headReader.reset(true);
    }
    if (!headReader.read(in, response, ResponseSyntax::startLine)) {
      return false;
    }
    head = null;
    try {
      headRead(response);
    } finally {
      resources.release(response);
    }
    return true;
  }

  private void headRead(ResponseHead response) {
    Framing framing = ResponseSyntax.framing(response, toHead, connecting);
    Listener to = listener;
    if (to == null) {
      return;
    }
    int status = response.status();
    if (status < 200 && status != 101) {
      if (status != 100) {
        response.removeHopByHop(false);
        to.informational(response);
      }
      return;
    }
    if (status == 101 && (!tunnelling || connecting)) {
      throw Malformed.START_LINE.exception();
    }
    keepAlive = ResponseSyntax.keepsAlive(response) && framing != Framing.UNTIL_CLOSE;
    boolean end = framing == Framing.NONE;
    switch (framing) {
      case NONE -> {}
      case SIZED -> bodyReader.sized(response.contentLength);
      case CHUNKED -> bodyReader.chunked();
      case UNTIL_CLOSE -> bodyReader.untilClose();
      case TUNNEL -> keepAlive = false;
    }
    if (tunnelling && framing != Framing.TUNNEL) {
      requestEnded = true;
    }
    response.removeHopByHop(status == 101);
    if (end) {
      ended();
    } else {
      state = framing == Framing.TUNNEL ? State.TUNNEL : State.BODY;
    }
    to.response(response, end);
    reuse(end);
  }

  /** Hands the body on. */
  private final class ResponseBody implements BodyReader.Sink {
    @Override
    public void data(ByteBuf data, boolean end) {
      Listener to = listener;
      if (end) {
        ended();
      }
      if (to == null) {
        data.release();
      } else {
        to.responseData(data, end);
      }
      reuse(end);
    }

    @Override
    public void trailers(HeaderBlock trailers) {
      Listener to = listener;
      ended();
      if (to != null) {
        to.responseTrailers(trailers);
      }
      reuse(true);
    }

    @Override
    public boolean closed() {
      return state != State.BODY;
    }
  }

  private boolean reusable;

  /** The response is complete: the listener hears of nothing after its end. */
  private void ended() {
    listener = null;
    boolean worn = mostExchanges > 0 && exchanges >= mostExchanges;
    reusable = keepAlive && requestEnded && state != State.CLOSED && !worn;
    state = reusable ? State.IDLE : State.CLOSED;
    idleSinceNanos = System.nanoTime();
  }

  /** After the listener took the end: gives the connection back. */
  private void reuse(boolean end) {
    if (!end) {
      return;
    }
    if (!reusable) {
      close();
      return;
    }
    var config = context().channel().config();
    if (!config.isAutoRead()) {
      config.setAutoRead(true);
    }
    owner.idle(this);
  }

  private void gone(Reset reset) {
    Listener to = listener;
    listener = null;
    if (to != null) {
      to.upstreamGone(reset);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    Listener to = listener;
    if (to != null && ctx.channel().isWritable()) {
      to.upstreamWritable();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      if (state == State.TUNNEL) {
        Listener to = listener;
        if (to != null) {
          listener = null;
          to.responseData(Unpooled.EMPTY_BUFFER, true);
        }
      }
      inputEnded();
      ctx.close();
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  /** A body that ends with the connection is complete. */
  private void inputEnded() {
    Listener to = listener;
    if (state == State.BODY && bodyReader.endsWithConnection() && to != null) {
      listener = null;
      state = State.CLOSED;
      to.responseData(Unpooled.EMPTY_BUFFER, true);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    inputEnded();
    State last = state;
    state = State.CLOSED;
    ResponseHead partial = head;
    head = null;
    if (partial != null) {
      resources.release(partial);
    }
    output().discard();
    owner.closed(this);
    if (last != State.IDLE) {
      gone(Reset.CONNECTION_CLOSED);
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
