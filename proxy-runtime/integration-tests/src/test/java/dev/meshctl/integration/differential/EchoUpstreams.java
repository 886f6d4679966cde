package dev.meshctl.integration.differential;

import dev.meshctl.model.xds.SocketEndpoint;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.CleartextHttp2ServerUpgradeHandler;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.codec.http2.HttpConversionUtil.ExtensionHeaderNames;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A server for each cluster, in HTTP/1.1 and HTTP/2 without TLS. It tells which cluster it stands
 * for and what it was asked: the request line, then every header by name.
 */
final class EchoUpstreams implements AutoCloseable {
  /** Of the answer: which cluster gave it. */
  static final String WHO = "x-who";

  /** Of a request: the status that it wants. */
  static final String STATUS = "x-echo-status";

  private static final int MAX_BODY = 1 << 20;

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Map<String, Channel> servers = new HashMap<>();

  /** Where the one for {@code cluster} is. */
  SocketEndpoint of(String cluster) {
    Channel server =
        servers.computeIfAbsent(
            cluster,
            name ->
                new ServerBootstrap()
                    .group(loop)
                    .channel(NioServerSocketChannel.class)
                    .childHandler(connection(name))
                    .bind("127.0.0.1", 0)
                    .syncUninterruptibly()
                    .channel());
    return new SocketEndpoint("127.0.0.1", ((InetSocketAddress) server.localAddress()).getPort());
  }

  private static ChannelHandler connection(String name) {
    return initializer(channel -> {
      HttpServerCodec codec = new HttpServerCodec();
      channel
          .pipeline()
          .addLast(
              new CleartextHttp2ServerUpgradeHandler(
                  codec,
                  new HttpServerUpgradeHandler(codec, protocol -> null),
                  initializer(http2 ->
                      http2
                          .pipeline()
                          .addLast(
                              Http2FrameCodecBuilder.forServer().build(),
                              new Http2MultiplexHandler(
                                  initializer(stream ->
                                      stream
                                          .pipeline()
                                          .addLast(
                                              new Http2StreamFrameToHttpObjectCodec(true),
                                              new HttpObjectAggregator(MAX_BODY),
                                              new Echo(name))))))))
          .addLast(new HttpObjectAggregator(MAX_BODY), new Echo(name));
    });
  }

  /** Adds handlers. */
  private interface Setup {
    void on(Channel channel);
  }

  private static ChannelHandler initializer(Setup setup) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        setup.on(channel);
      }
    };
  }

  private static final class Echo extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final String name;

    Echo(String name) {
      this.name = name;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      List<String> lines = new ArrayList<>();
      request
          .headers()
          .forEach(header -> {
            if (!ExtensionHeaderNames.STREAM_ID.text().contentEqualsIgnoreCase(header.getKey())
                && !ExtensionHeaderNames.SCHEME.text().contentEqualsIgnoreCase(header.getKey())) {
              lines.add(header.getKey().toLowerCase(Locale.ROOT) + ": " + header.getValue());
            }
          });
      lines.sort(null);
      lines.addFirst(request.method() + " " + request.uri());
      HttpResponseStatus status =
          HttpResponseStatus.valueOf(Integer.parseInt(request.headers().get(STATUS, "200")));
      String body = status == HttpResponseStatus.NO_CONTENT ? "" : String.join("\n", lines);
      FullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              status,
              Unpooled.copiedBuffer(body, StandardCharsets.ISO_8859_1));
      if (!body.isEmpty()) {
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
      }
      response
          .headers()
          .set(HttpHeaderNames.CONTENT_TYPE, "text/plain")
          .set(WHO, name)
          .set("x-a", "up")
          .set("x-c", "up");
      boolean last = !HttpUtil.isKeepAlive(request);
      context
          .writeAndFlush(response)
          .addListener(last ? ChannelFutureListener.CLOSE : ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable broken) {
      context.close();
    }
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
