package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.http.LoopResources;
import dev.meshctl.net.loop.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections from one loop, with TLS where the transport says so.
 *
 * <p>Thread: confined to its loop.
 */
public final class Connector {
  private final LoopResources resources;
  private final Transport transport;
  private final Bootstrap bootstrap;
  private final Bootstrap pipes;

  /** Told once, on the loop. */
  public interface Callback {
    /** The connection is open, its handshake done; its reads begin after this returns. */
    void connected(Channel channel);

    void failed(ConnectFailure reason);
  }

  public Connector(LoopResources resources, Transport transport) {
    this.resources = resources;
    this.transport = transport;
    this.bootstrap =
        common(transport.on(new Bootstrap()), resources)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true);
    this.pipes = common(transport.onPipe(new Bootstrap()), resources);
  }

  private static Bootstrap common(Bootstrap on, LoopResources resources) {
    return on.group(resources.loop())
        .option(ChannelOption.ALLOCATOR, resources.allocator())
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WaterMarks.DEFAULT);
  }

  /** Where a Unix socket is. */
  SocketAddress pipe(String path) {
    return transport.pipe(path);
  }

  /**
   * Connects to a resolved {@code address}; handshake included it may take {@code timeout}.
   *
   * <p>The socket is opened as a task of its own, after the events at hand: where one of them
   * closed a socket whose own event is still to come, a new socket would get its number, and that
   * event. Told of data before it is connected, Netty's takes its input for ended, for ever.
   */
  public void connect(
      SocketAddress address, UpstreamTransport with, Duration timeout, Callback callback) {
    resources.loop().execute(() -> open(address, with, timeout, callback));
  }

  private void open(
      SocketAddress address, UpstreamTransport with, Duration timeout, Callback callback) {
    int millis = (int) Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE);
    Initializer initializer = new Initializer(with, address, millis);
    ChannelFuture connect =
        (address instanceof InetSocketAddress ? bootstrap : pipes)
            .clone()
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis)
            .handler(initializer)
            .connect(address);
    connect.addListener((ChannelFuture done) -> {
      if (!done.isSuccess()) {
        callback.failed(
            done.cause() instanceof ConnectTimeoutException
                ? ConnectFailure.TIMEOUT
                : ConnectFailure.UNREACHABLE);
        return;
      }
      SslHandler tls = initializer.tls;
      if (tls == null) {
        callback.connected(done.channel());
      } else {
        tls.handshakeFuture().addListener(handshake -> shaken(handshake, callback));
      }
    });
  }

  private void shaken(Future<?> handshake, Callback callback) {
    if (handshake.isSuccess()) {
      callback.connected((Channel) handshake.getNow());
    } else {
      callback.failed(ConnectFailure.TLS);
    }
  }

  private final class Initializer extends ChannelInitializer<Channel> {
    private final UpstreamTransport transport;
    private final SocketAddress address;
    private final int handshakeMillis;
    private @Nullable SslHandler tls;

    Initializer(UpstreamTransport transport, SocketAddress address, int handshakeMillis) {
      this.transport = transport;
      this.address = address;
      this.handshakeMillis = handshakeMillis;
    }

    @Override
    protected void initChannel(Channel channel) {
      begin(channel, transport);
    }

    private void begin(Channel channel, UpstreamTransport with) {
      switch (with) {
        case UpstreamTransport.Plain plain -> {}
        case UpstreamTransport.Telling(var header, var client, var inside) -> {
          channel.pipeline().addLast(new SentProxyHeader(header, client));
          begin(channel, inside);
        }
        case UpstreamTransport.Tls(var context, var sni) -> {
          SslHandler handler = handler(context, sni);
          handler.setHandshakeTimeoutMillis(handshakeMillis);
          channel.pipeline().addLast(handler, CloseOnError.INSTANCE);
          tls = handler;
        }
      }
    }

    private SslHandler handler(SslContext context, String sni) {
      if (address instanceof InetSocketAddress at) {
        return context.newHandler(
            resources.allocator(),
            sni.isEmpty() ? at.getAddress().getHostAddress() : sni,
            at.getPort());
      }
      return sni.isEmpty()
          ? context.newHandler(resources.allocator())
          : context.newHandler(resources.allocator(), sni, 0);
    }
  }
}
