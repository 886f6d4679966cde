package dev.meshctl.dataplane.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One end of an HTTP/2 connection in plain text, as client or server, that a test thread leads:
 * what it gets waits as a line of text such as {@code HEADERS 1 :status=200 END}.
 */
public final class Http2Peer implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 10;

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<Http2Settings> settings = new LinkedBlockingQueue<>();
  private final BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();
  private final Channel socket;
  private @Nullable Connection connection;

  private record Connection(Channel channel, Http2ConnectionHandler handler) {}

  private Http2Peer(InetSocketAddress address, boolean server, Http2Settings own) {
    ChannelInitializer<Channel> initializer =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            Http2ConnectionHandler fresh = new Builder(server, own).build();
            channel.pipeline().addLast(fresh);
            channel.closeFuture().addListener(closed -> events.add("CLOSED"));
            connections.add(new Connection(channel, fresh));
          }
        };
    socket =
        (server
                ? new ServerBootstrap()
                    .group(loop)
                    .channel(NioServerSocketChannel.class)
                    .childHandler(initializer)
                    .bind(address)
                : new Bootstrap()
                    .group(loop)
                    .channel(NioSocketChannel.class)
                    .handler(initializer)
                    .connect(address))
            .syncUninterruptibly()
            .channel();
  }

  /** A client of whoever listens at {@code address}. */
  public static Http2Peer connect(InetSocketAddress address) {
    return new Http2Peer(address, false, new Http2Settings().pushEnabled(false));
  }

  /** A server that tells {@code own} settings; it leads one connection, the first. */
  public static Http2Peer listen(Http2Settings own) {
    return new Http2Peer(new InetSocketAddress("127.0.0.1", 0), true, own);
  }

  /** Where a server listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) socket.localAddress();
  }

  private final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Http2ConnectionHandler, Builder> {
    Builder(boolean server, Http2Settings own) {
      server(server);
      initialSettings(own);
      frameListener(new Events());
      validateHeaders(false);
    }

    @Override
    protected Http2ConnectionHandler build() {
      return super.build();
    }

    @Override
    protected Http2ConnectionHandler build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings own) {
      return new Http2ConnectionHandler(decoder, encoder, own) {};
    }
  }

  private final class Events extends Http2EventAdapter {
    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx,
        int stream,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end) {
      onHeadersRead(ctx, stream, headers, padding, end);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int stream, Http2Headers headers, int padding, boolean end) {
      StringBuilder line = new StringBuilder("HEADERS ").append(stream);
      TreeMap<String, String> sorted = new TreeMap<>();
      headers.forEach(each -> sorted.put(each.getKey().toString(), each.getValue().toString()));
      sorted.forEach((name, value) -> line.append(' ').append(name).append('=').append(value));
      events.add(line + (end ? " END" : ""));
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext ctx, int stream, ByteBuf data, int padding, boolean end) {
      String text = data.toString(StandardCharsets.ISO_8859_1);
      if (!text.isEmpty() || end) {
        events.add("DATA " + stream + (text.isEmpty() ? "" : " " + text) + (end ? " END" : ""));
      }
      return data.readableBytes() + padding;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int stream, long error) {
      events.add("RESET " + stream + " " + error);
    }

    @Override
    public void onGoAwayRead(ChannelHandlerContext ctx, int last, long error, ByteBuf debug) {
      events.add("GOAWAY " + last + " " + error);
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings told) {
      settings.add(told);
    }
  }

  private Connection connection() throws InterruptedException {
    Connection led = connection;
    if (led == null) {
      led = connections.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (led == null) {
        throw new AssertionError("no connection came");
      }
      connection = led;
    }
    return led;
  }

  /** What the other end told first. */
  public Http2Settings settings() throws InterruptedException {
    Http2Settings told = settings.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (told == null) {
      throw new AssertionError("no SETTINGS came");
    }
    return told;
  }

  private interface Write {
    void with(Http2ConnectionHandler to, ChannelHandlerContext ctx) throws Exception;
  }

  private void write(Write write) throws InterruptedException {
    Connection led = connection();
    loop.submit(
            () -> {
              ChannelHandlerContext ctx = led.channel().pipeline().context(led.handler());
              write.with(led.handler(), ctx);
              led.handler().flush(ctx);
              return null;
            })
        .syncUninterruptibly();
  }

  /** Sends a head or trailers; names and values in turn. */
  public void headers(int stream, boolean end, String... fields) throws InterruptedException {
    Http2Headers headers = new DefaultHttp2Headers(false);
    for (int i = 0; i < fields.length; i += 2) {
      headers.add(fields[i], fields[i + 1]);
    }
    write((to, ctx) -> to.encoder().writeHeaders(ctx, stream, headers, 0, end, ctx.newPromise()));
  }

  public void data(int stream, String text, boolean end) throws InterruptedException {
    write((to, ctx) ->
        to.encoder()
            .writeData(
                ctx,
                stream,
                Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1),
                0,
                end,
                ctx.newPromise()));
  }

  /** The next event, in the order in which they came. */
  public String next() throws InterruptedException {
    String event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (event == null) {
      throw new AssertionError("nothing came");
    }
    return event;
  }

  @Override
  public void close() {
    socket.close().syncUninterruptibly();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
