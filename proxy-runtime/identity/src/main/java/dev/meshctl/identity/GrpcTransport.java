package dev.meshctl.identity;

import dev.meshctl.net.loop.Loops;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * gRPC on our own event loops, both ends: keepalive finds a dead peer in seconds.
 *
 * <p>Thread: any.
 */
public final class GrpcTransport {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration KEEPALIVE = Duration.ofSeconds(15);
  private static final Duration KEEPALIVE_TO_STRANGERS = Duration.ofMinutes(6);
  private static final Duration KEEPALIVE_TIMEOUT = Duration.ofSeconds(5);

  /** A proxy is told the whole of a large mesh in one message. */
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private GrpcTransport() {}

  /**
   * Connects at the first call.
   *
   * @param executor runs callbacks
   */
  public static ManagedChannel channel(
      InetSocketAddress server, SslContext tls, Loops loops, Executor executor) {
    return channel(NettyChannelBuilder.forAddress(server).sslContext(tls), loops, executor);
  }

  /** As {@link #channel}, without TLS. */
  public static ManagedChannel plaintext(InetSocketAddress server, Loops loops, Executor executor) {
    return channel(NettyChannelBuilder.forAddress(server).usePlaintext(), loops, executor);
  }

  /**
   * To a server that others wrote: it is asked for a sign of life no oftener than servers allow by
   * default (5 minutes), or it would end the connection.
   *
   * @param tls empty is plaintext
   */
  public static ManagedChannel toStranger(
      InetSocketAddress server, Optional<SslContext> tls, Loops loops, Executor executor) {
    NettyChannelBuilder builder = NettyChannelBuilder.forAddress(server);
    return channel(
        tls.isPresent() ? builder.sslContext(tls.get()) : builder.usePlaintext(),
        loops,
        executor,
        KEEPALIVE_TO_STRANGERS);
  }

  private static ManagedChannel channel(
      NettyChannelBuilder builder, Loops loops, Executor executor) {
    return channel(builder, loops, executor, KEEPALIVE);
  }

  private static ManagedChannel channel(
      NettyChannelBuilder builder, Loops loops, Executor executor, Duration keepalive) {
    return builder
        .eventLoopGroup(loops.all().getFirst())
        .channelType(loops.transport().sockets())
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT_TIMEOUT.toMillis())
        .executor(executor)
        .keepAliveTime(keepalive.toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(KEEPALIVE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .disableServiceConfigLookUp()
        .build();
  }

  /** A server without services yet; its clients may send keepalives as {@link #channel} does. */
  public static NettyServerBuilder server(
      InetSocketAddress address, SslContext tls, Loops loops, Executor executor) {
    EventLoop loop = loops.all().getFirst();
    return NettyServerBuilder.forAddress(address)
        .sslContext(tls)
        .bossEventLoopGroup(loop)
        .workerEventLoopGroup(loop)
        .channelType(loops.transport().serverSockets())
        .executor(executor)
        .keepAliveTime(KEEPALIVE.toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(KEEPALIVE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveTime(KEEPALIVE.toMillis() / 2, TimeUnit.MILLISECONDS)
        .permitKeepAliveWithoutCalls(true);
  }
}
