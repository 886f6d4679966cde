package dev.meshctl.dataplane.upstream;

import dev.meshctl.model.xds.ProxyProtocolSent;
import dev.meshctl.model.xds.ProxyProtocolSent.Tlv;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Writes a PROXY protocol header (haproxy.org, proxy-protocol.txt) as the first bytes of a
 * connection, then leaves. Connections of our own (health checks) say so: version 1 by their own
 * addresses, as Envoy does, version 2 by the command LOCAL.
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class SentProxyHeader extends ChannelDuplexHandler {
  private static final byte[] SIGNATURE = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
  };
  private static final int LOCAL = 0x20;
  private static final int PROXY = 0x21;
  private static final int TCP_OVER_IPV4 = 0x11;
  private static final int TCP_OVER_IPV6 = 0x21;

  private final ProxyProtocolSent header;
  private final Optional<ToldClient> client;
  private boolean sent;

  SentProxyHeader(ProxyProtocolSent header, Optional<ToldClient> client) {
    this.header = header;
    this.client = client;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    send(ctx);
    ctx.flush();
    // TLS begins its handshake with what follows, behind the header.
    ctx.fireChannelActive();
    ctx.pipeline().remove(this);
  }

  /** Who waits for the connection is told before it says of itself that it is active. */
  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    send(ctx);
    ctx.write(message, promise);
  }

  private void send(ChannelHandlerContext ctx) {
    if (!sent) {
      sent = true;
      ctx.write(
          encode(
              header,
              client,
              ctx.channel().localAddress(),
              ctx.channel().remoteAddress(),
              ctx.alloc()));
    }
  }

  /**
   * @param client empty for a connection of our own between {@code local} and {@code remote}
   * @return the caller's
   */
  static ByteBuf encode(
      ProxyProtocolSent header,
      Optional<ToldClient> client,
      java.net.SocketAddress local,
      java.net.SocketAddress remote,
      ByteBufAllocator allocator) {
    Optional<ToldClient> named = client.filter(SentProxyHeader::nameable);
    if (header.version() == 2) {
      return binary(header, named, allocator);
    }
    if (client.isEmpty()
        && local instanceof InetSocketAddress from
        && remote instanceof InetSocketAddress to) {
      return text(Optional.of(new ToldClient(from, to)), allocator);
    }
    return text(named, allocator);
  }

  /** A client of a Unix socket has no address. */
  private static boolean nameable(ToldClient client) {
    return !client.source().getAddress().isAnyLocalAddress()
        && !client.destination().getAddress().isAnyLocalAddress();
  }

  private static boolean four(ToldClient client) {
    return client.source().getAddress() instanceof Inet4Address
        && client.destination().getAddress() instanceof Inet4Address;
  }

  private static ByteBuf text(Optional<ToldClient> named, ByteBufAllocator allocator) {
    String line = "PROXY UNKNOWN\r\n";
    if (named.isPresent()) {
      ToldClient client = named.get();
      boolean four = four(client);
      line =
          (four ? "PROXY TCP4 " : "PROXY TCP6 ")
              + literal(client.source().getAddress(), four)
              + ' '
              + literal(client.destination().getAddress(), four)
              + ' '
              + client.source().getPort()
              + ' '
              + client.destination().getPort()
              + "\r\n";
    }
    ByteBuf out = allocator.buffer(line.length());
    out.writeCharSequence(line, StandardCharsets.US_ASCII);
    return out;
  }

  private static String literal(InetAddress address, boolean four) {
    if (four) {
      return address.getHostAddress();
    }
    if (address instanceof Inet4Address) {
      return "::ffff:" + address.getHostAddress();
    }
    String text = address.getHostAddress();
    int scope = text.indexOf('%');
    return scope < 0 ? text : text.substring(0, scope);
  }

  private static ByteBuf binary(
      ProxyProtocolSent header, Optional<ToldClient> named, ByteBufAllocator allocator) {
    ByteBuf out = allocator.buffer();
    out.writeBytes(SIGNATURE);
    if (named.isEmpty()) {
      out.writeByte(LOCAL).writeByte(0);
    } else {
      out.writeByte(PROXY).writeByte(four(named.get()) ? TCP_OVER_IPV4 : TCP_OVER_IPV6);
    }
    int lengthAt = out.writerIndex();
    out.writeShort(0);
    if (named.isPresent()) {
      ToldClient client = named.get();
      boolean four = four(client);
      out.writeBytes(raw(client.source().getAddress(), four));
      out.writeBytes(raw(client.destination().getAddress(), four));
      out.writeShort(client.source().getPort());
      out.writeShort(client.destination().getPort());
      for (Tlv tlv : header.added()) {
        byte[] value = HexFormat.of().parseHex(tlv.valueHex());
        out.writeByte(tlv.type()).writeShort(value.length).writeBytes(value);
      }
    }
    out.setShort(lengthAt, out.writerIndex() - lengthAt - 2);
    return out;
  }

  /** IPv4 beside IPv6 is written as an IPv4-mapped address. */
  private static byte[] raw(InetAddress address, boolean four) {
    byte[] bytes = address.getAddress();
    if (four || bytes.length == 16) {
      return bytes;
    }
    byte[] mapped = new byte[16];
    mapped[10] = (byte) 0xFF;
    mapped[11] = (byte) 0xFF;
    System.arraycopy(bytes, 0, mapped, 12, 4);
    return mapped;
  }
}
