package dev.meshctl.dataplane.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.SocketChannelConfig;

/**
 * Tells of a peer that takes nothing of what is written to it: without this, bytes that wait for it
 * would keep a connection for ever, one that is to be closed after them, too.
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class UnsentWatch {
  private long unsentBytes;
  private long sinceNanos;

  /**
   * To be asked about once a second.
   *
   * @param limitNanos 0 is without limit
   * @return bytes have waited for so long, and not one was taken
   */
  boolean stuck(Channel channel, long nowNanos, long limitNanos) {
    long unsent = unsentBytes(channel);
    if (unsent == 0 || unsent != unsentBytes) {
      unsentBytes = unsent;
      sinceNanos = nowNanos;
      return false;
    }
    return limitNanos > 0 && nowNanos - sinceNanos >= limitNanos;
  }

  private static long unsentBytes(Channel channel) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    return out == null ? 0 : out.totalPendingWriteBytes();
  }

  /**
   * To be called before a close: where bytes are lost with it anyway, the connection is reset. Else
   * the kernel would go on to offer what it holds, megabytes perhaps, to who does not take it, and
   * the client might take what it has for the whole.
   */
  static void resetWhereStuck(Channel channel) {
    if (unsentBytes(channel) > 0 && channel.config() instanceof SocketChannelConfig socket) {
      socket.setSoLinger(0);
    }
  }
}
