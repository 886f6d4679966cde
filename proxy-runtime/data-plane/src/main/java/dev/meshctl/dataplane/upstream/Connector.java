package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.http.LoopResources;
import dev.meshctl.net.loop.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections from one loop, with TLS where the transport says so.
 *
 * <p>Thread: confined to its loop.
 */
public final class Connector {
  private final LoopResources resources;
  private final Bootstrap bootstrap;

  /** Told once, on the loop. */
  public interface Callback {
    /** The connection is open, its handshake done; its reads begin after this returns. */
    void connected(Channel channel);

    void failed(ConnectFailure reason);
  }

  public Connector(LoopResources resources, Transport transport) {
    this.resources = resources;
    this.bootstrap =
        transport
            .on(new Bootstrap())
            .group(resources.loop())
            .option(ChannelOption.ALLOCATOR, resources.allocator())
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WaterMarks.DEFAULT);
  }

  /**
   * Connects to a resolved {@code address}; handshake included it may take {@code timeout}.
   *
   * <p>The socket is opened as a task of its own, after the events at hand: where one of them
   * closed a socket whose own event is still to come, a new socket would get its number, and that
   * event. Told of data before it is connected, Netty's takes its input for ended, for ever.
   */
  public void connect(
      InetSocketAddress address, UpstreamTransport transport, Duration timeout, Callback callback) {
    resources.loop().execute(() -> open(address, transport, timeout, callback));
  }

  private void open(
      InetSocketAddress address, UpstreamTransport transport, Duration timeout, Callback callback) {
    int millis = (int) Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE);
    Initializer initializer = new Initializer(transport, address, millis);
    ChannelFuture connect =
        bootstrap
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
    private final InetSocketAddress address;
    private final int handshakeMillis;
    private @Nullable SslHandler tls;

    Initializer(UpstreamTransport transport, InetSocketAddress address, int handshakeMillis) {
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
          SslHandler handler =
              context.newHandler(
                  resources.allocator(),
                  sni.isEmpty() ? address.getAddress().getHostAddress() : sni,
                  address.getPort());
          handler.setHandshakeTimeoutMillis(handshakeMillis);
          channel.pipeline().addLast(handler, CloseOnError.INSTANCE);
          tls = handler;
        }
      }
    }
  }
}
