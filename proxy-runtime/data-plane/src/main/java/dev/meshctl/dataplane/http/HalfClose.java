package dev.meshctl.dataplane.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;

/**
 * Ends one direction of a connection by FIN. Within TLS too: a {@code close_notify} makes
 * BoringSSL's engine at the other end close both directions.
 */
public final class HalfClose {
  private HalfClose() {}

  /** Ends the output once all that was written is out. */
  public static void output(ChannelHandlerContext context) {
    if (context.channel() instanceof DuplexChannel socket) {
      context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(f -> socket.shutdownOutput());
    }
  }
}
