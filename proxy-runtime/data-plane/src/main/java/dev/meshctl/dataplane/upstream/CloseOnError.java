package dev.meshctl.dataplane.upstream;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslHandler;

/**
 * Stands behind TLS: a connection whose handshake or records fail is closed, without a word in the
 * log, since any client can cause it; the handshake's future has told who must know.
 *
 * <p>Thread: any; stateless.
 */
@ChannelHandler.Sharable
public final class CloseOnError extends ChannelInboundHandlerAdapter {
  public static final CloseOnError INSTANCE = new CloseOnError();

  private CloseOnError() {}

  /** Who says no more in the middle of the handshake has left. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    SslHandler tls =
        event instanceof ChannelInputShutdownEvent ? ctx.pipeline().get(SslHandler.class) : null;
    if (tls != null && !tls.handshakeFuture().isDone()) {
      ctx.close();
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
