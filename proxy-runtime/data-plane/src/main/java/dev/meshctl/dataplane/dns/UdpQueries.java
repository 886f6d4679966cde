package dev.meshctl.dataplane.dns;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;

/**
 * Queries in datagrams.
 *
 * <p>Thread: one event loop.
 */
final class UdpQueries extends SimpleChannelInboundHandler<DatagramPacket> {
  private final Responder responder;

  UdpQueries(Responder responder) {
    this.responder = responder;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
    Channel channel = context.channel();
    InetSocketAddress client = packet.sender();
    responder.respond(
        context.alloc(),
        packet.content(),
        false,
        answer -> channel.writeAndFlush(new DatagramPacket(answer, client)));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    // One datagram went wrong (for example, its sender is gone): the socket serves on.
  }
}
