package dev.meshctl.dataplane.upstream;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

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

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
