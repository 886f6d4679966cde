package dev.meshctl.net.loop;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

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
