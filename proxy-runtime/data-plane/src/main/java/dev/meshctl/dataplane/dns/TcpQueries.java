package dev.meshctl.dataplane.dns;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;

/**
 * Queries over one TCP connection, answered as answers come (RFC 7766). A client that does not read
 * is not read from.
 *
 * <p>Thread: one event loop.
 */
final class TcpQueries extends SimpleChannelInboundHandler<ByteBuf> {
  private final Responder responder;

  TcpQueries(Responder responder) {
    this.responder = responder;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ByteBuf query) {
    Channel channel = context.channel();
    responder.respond(
        context.alloc(), query, true, answer -> channel.writeAndFlush(TcpFrames.frame(answer)));
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    context.channel().config().setAutoRead(context.channel().isWritable());
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
