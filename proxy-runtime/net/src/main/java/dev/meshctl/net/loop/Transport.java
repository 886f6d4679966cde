package dev.meshctl.net.loop;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** How sockets reach the kernel. */
public enum Transport {
  EPOLL,
  /** Anywhere; without SO_REUSEPORT and original destinations. */
  NIO;

  /** The best one here. */
  public static Transport best() {
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  IoHandlerFactory ioHandlers() {
    return switch (this) {
      case EPOLL -> EpollIoHandler.newFactory();
      case NIO -> NioIoHandler.newFactory();
    };
  }

  /** Several sockets may listen on one port, each with its own loop. */
  public boolean sharesPorts() {
    return this == EPOLL;
  }

  /** Makes {@code bootstrap} listen with this transport; {@code shared} sets SO_REUSEPORT. */
  public ServerBootstrap on(ServerBootstrap bootstrap, boolean shared) {
    return switch (this) {
      case EPOLL ->
          bootstrap
              .channel(EpollServerSocketChannel.class)
              .option(EpollChannelOption.SO_REUSEPORT, shared);
      case NIO -> bootstrap.channel(NioServerSocketChannel.class);
    };
  }

  /** The same for a Unix socket. */
  public ServerBootstrap onPipe(ServerBootstrap bootstrap) {
    return switch (this) {
      case EPOLL -> bootstrap.channel(EpollServerDomainSocketChannel.class);
      case NIO -> bootstrap.channel(NioServerDomainSocketChannel.class);
    };
  }

  /** The same for a Unix socket. */
  public Bootstrap onPipe(Bootstrap bootstrap) {
    return switch (this) {
      case EPOLL -> bootstrap.channel(EpollDomainSocketChannel.class);
      case NIO -> bootstrap.channel(NioDomainSocketChannel.class);
    };
  }

  /**
   * The address of a Unix socket.
   *
   * @param path absolute, or an abstract name behind an {@code @}, which only epoll can use
   */
  public SocketAddress pipe(String path) {
    return switch (this) {
      case EPOLL -> new DomainSocketAddress(path.startsWith("@") ? "\0" + path.substring(1) : path);
      case NIO -> UnixDomainSocketAddress.of(path);
    };
  }

  public Bootstrap on(Bootstrap bootstrap) {
    return switch (this) {
      case EPOLL -> bootstrap.channel(EpollSocketChannel.class);
      case NIO -> bootstrap.channel(NioSocketChannel.class);
    };
  }

  /** Streams that connect, for libraries that bootstrap by themselves. */
  public Class<? extends SocketChannel> sockets() {
    return switch (this) {
      case EPOLL -> EpollSocketChannel.class;
      case NIO -> NioSocketChannel.class;
    };
  }

  /** Streams that listen, likewise. */
  public Class<? extends ServerSocketChannel> serverSockets() {
    return switch (this) {
      case EPOLL -> EpollServerSocketChannel.class;
      case NIO -> NioServerSocketChannel.class;
    };
  }

  public Class<? extends DatagramChannel> datagrams() {
    return switch (this) {
      case EPOLL -> EpollDatagramChannel.class;
      case NIO -> NioDatagramChannel.class;
    };
  }
}
