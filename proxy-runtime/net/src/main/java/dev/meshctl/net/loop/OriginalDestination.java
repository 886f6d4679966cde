package dev.meshctl.net.loop;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Where a connection was going before the kernel redirected it: {@code SO_ORIGINAL_DST} of
 * netfilter, for IPv4 and IPv6.
 */
public final class OriginalDestination {
  private static final int SOL_IP = 0;
  private static final int SOL_IPV6 = 41;
  private static final int SO_ORIGINAL_DST = 80;
  private static final int SOCKADDR_IN_BYTES = 16;
  private static final int SOCKADDR_IN6_BYTES = 28;
  private static final RawUnixChannelOption IPV4 =
      new RawUnixChannelOption("SO_ORIGINAL_DST", SOL_IP, SO_ORIGINAL_DST, SOCKADDR_IN_BYTES);
  private static final RawUnixChannelOption IPV6 =
      new RawUnixChannelOption(
          "IP6T_SO_ORIGINAL_DST", SOL_IPV6, SO_ORIGINAL_DST, SOCKADDR_IN6_BYTES);

  private OriginalDestination() {}

  /** Empty where nothing redirected {@code channel}, or the transport cannot tell. */
  public static Optional<InetSocketAddress> of(Channel channel) {
    if (!(channel instanceof EpollSocketChannel socket)) {
      return Optional.empty();
    }
    boolean six =
        socket.localAddress() != null && socket.localAddress().getAddress() instanceof Inet6Address;
    try {
      ByteBuffer raw = socket.config().getOption(six ? IPV6 : IPV4);
      return raw == null
          ? Optional.empty()
          : Optional.of(address(raw.order(ByteOrder.BIG_ENDIAN), six));
    } catch (RuntimeException | UnknownHostException e) {
      return Optional.empty();
    }
  }

  /** {@code sockaddr_in}: family, port, address; {@code sockaddr_in6} has a flow label between. */
  private static InetSocketAddress address(ByteBuffer raw, boolean six)
      throws UnknownHostException {
    int port = raw.getShort(2) & 0xFFFF;
    byte[] address = new byte[six ? 16 : 4];
    raw.get(six ? 8 : 4, address);
    return new InetSocketAddress(InetAddress.getByAddress(address), port);
  }
}
