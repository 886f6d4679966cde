package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.http.HalfClose;
import dev.meshctl.dataplane.http.HeaderBlock;
import dev.meshctl.dataplane.http.LoopResources;
import dev.meshctl.dataplane.http.RequestHead;
import dev.meshctl.dataplane.http.ResponseHead;
import dev.meshctl.dataplane.http.UpstreamStream;
import dev.meshctl.dataplane.resilience.ConnectionAllowance;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.net.SocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A {@code CONNECT} that ends here (RFC 9110 9.3.6): its bytes go on over a plain connection.
 *
 * <p>Thread: confined to the loop of the connection.
 */
public final class TunnelStream extends ChannelInboundHandlerAdapter
    implements UpstreamStream, LoopResources.Flushable {
  private final LoopResources resources;
  private @Nullable Listener listener;
  private @Nullable ChannelHandlerContext context;
  private boolean enlisted;
  private boolean outputEnded;

  private TunnelStream(LoopResources resources, Listener listener) {
    this.resources = resources;
    this.listener = listener;
  }

  /**
   * Connects, and answers 200 once the connection is there.
   *
   * @param breaker has a place taken of its connections as long as the tunnel is open
   */
  public static void open(
      LoopResources resources,
      Connector connector,
      ConnectionAllowance breaker,
      SocketAddress address,
      UpstreamTransport transport,
      Duration timeout,
      StreamPool.Waiter waiter) {
    if (!breaker.tryConnection()) {
      waiter.failed(ConnectFailure.OVERFLOW);
      return;
    }
    connector.connect(
        address,
        transport,
        timeout,
        new Connector.Callback() {
          @Override
          public void connected(Channel channel) {
            channel.closeFuture().addListener(closed -> breaker.connectionClosed());
            if (waiter.cancelled()) {
              channel.close();
              return;
            }
            TunnelStream stream = new TunnelStream(resources, waiter);
            channel.pipeline().addLast(stream);
            waiter.ready(stream);
          }

          @Override
          public void failed(ConnectFailure reason) {
            breaker.connectionClosed();
            if (!waiter.cancelled()) {
              waiter.failed(reason);
            }
          }
        });
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return ctx;
  }

  @Override
  public void request(RequestHead head, boolean end) {
    Listener to = listener;
    if (to != null) {
      ResponseHead established = resources.responseHead();
      established.status(200);
      to.response(established, false);
      resources.release(established);
    }
  }

  @Override
  public void data(ByteBuf data, boolean end) {
    if (outputEnded) {
      data.release();
      return;
    }
    ChannelHandlerContext ctx = context();
    ctx.write(data, ctx.voidPromise());
    if (!enlisted) {
      enlisted = true;
      resources.flushLater(this);
    }
    if (end) {
      endOutput();
    }
  }

  private void endOutput() {
    outputEnded = true;
    HalfClose.output(context());
  }

  @Override
  public void trailers(HeaderBlock trailers) {
    endOutput();
  }

  @Override
  public void flushNow() {
    enlisted = false;
    context().flush();
  }

  @Override
  public void abort() {
    listener = null;
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
    return false;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    resources.readBegins();
    Listener to = listener;
    if (to == null) {
      ((ByteBuf) message).release();
    } else {
      to.responseData((ByteBuf) message, false);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    resources.readEnds();
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
      end();
      ctx.close();
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private void end() {
    Listener to = listener;
    listener = null;
    if (to != null) {
      to.responseData(Unpooled.EMPTY_BUFFER, true);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end();
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
