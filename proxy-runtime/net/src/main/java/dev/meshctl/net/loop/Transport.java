package dev.meshctl.net.loop;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
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
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
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

  /** Sockets can go to another process, and come from one. */
  public boolean handsOver() {
    return this == EPOLL;
  }

  /**
   * Makes {@code bootstrap} take {@code descriptor}, a socket that listens already: it is to be
   * registered, not bound.
   *
   * @throws UnsupportedOperationException where this is not {@link #handsOver}
   */
  public ServerBootstrap over(ServerBootstrap bootstrap, int descriptor) {
    needsEpoll();
    return bootstrap.channelFactory(() -> new EpollServerSocketChannel(descriptor));
  }

  /** The same for a Unix socket; its file is the caller's to remove. */
  public ServerBootstrap overPipe(ServerBootstrap bootstrap, int descriptor) {
    needsEpoll();
    return bootstrap.channelFactory(() -> new EpollServerDomainSocketChannel(descriptor, true));
  }

  /** The same for datagrams. */
  public Bootstrap overDatagrams(Bootstrap bootstrap, int descriptor) {
    needsEpoll();
    return bootstrap.channelFactory(() -> new EpollDatagramChannel(descriptor));
  }

  private void needsEpoll() {
    if (!handsOver()) {
      throw new UnsupportedOperationException("sockets go from process to process with epoll only");
    }
  }

  /**
   * Listens at a Unix socket, for {@link #overPipe}: a channel that binds by itself removes the
   * file when it is closed, whoever listens there by then.
   *
   * @param path as {@link #pipe} has it
   * @throws IOException where the address cannot be bound
   */
  public int listenAtPipe(String path, int backlog) throws IOException {
    needsEpoll();
    Socket socket = Socket.newSocketDomain();
    try {
      socket.bind(pipe(path));
      socket.listen(backlog);
      return socket.intValue();
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** By which the kernel knows {@code channel}; it stays the channel's. */
  public static int descriptor(Channel channel) {
    if (channel instanceof UnixChannel unix) {
      return unix.fd().intValue();
    }
    throw new UnsupportedOperationException("sockets go from process to process with epoll only");
  }

  /** Closes a descriptor that no channel has taken. */
  public static void close(int descriptor) {
    try {
      new FileDescriptor(descriptor).close();
    } catch (IOException gone) {
      // As wanted.
    }
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
