package dev.meshctl.dataplane.admin;

import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.net.handover.Handed;
import dev.meshctl.net.handover.Handed.Use;
import dev.meshctl.net.handover.Inheritance;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.loop.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Answers a kubelet with statuses and nothing else, so that it may listen where a kubelet reaches
 * it and the admin paths may not. The JDK's server would do, but for the tables of time zones and
 * names of months that it loads to date its first answer: 90 ms of a start.
 *
 * <p>Thread: any.
 */
public final class HealthServer implements AutoCloseable {
  /** The path that is answered. */
  public static final String PATH = "/healthz/ready";

  private static final int BACKLOG = 16;

  /** Nobody has anything to send here. */
  private static final int BODY_BYTES = 1024;

  private static final int MAX_CONNECTIONS = 64;
  private static final int SILENCE_SECONDS = 30;

  private final SocketEndpoint at;
  private final Channel server;
  private final ChannelGroup clients;

  private HealthServer(SocketEndpoint at, Channel server, ChannelGroup clients) {
    this.at = at;
    this.server = server;
    this.clients = clients;
  }

  /** What a path is answered. */
  @FunctionalInterface
  public interface Answers {
    /**
     * Asked on the loop.
     *
     * @param path without its query
     * @param reply to be told once, on the loop
     */
    void to(String path, Consumer<HttpResponseStatus> reply);
  }

  /** {@link #start} with {@link #PATH} alone, 200 or 503, where nobody answers yet. */
  public static HealthServer start(Loops loops, SocketEndpoint address, BooleanSupplier ready)
      throws IOException {
    return start(loops, address, readiness(ready), Inheritance.none());
  }

  /** {@link #PATH} alone, 200 or 503. */
  public static Answers readiness(BooleanSupplier ready) {
    return (path, reply) ->
        reply.accept(
            !path.equals(PATH)
                ? HttpResponseStatus.NOT_FOUND
                : ready.getAsBoolean()
                    ? HttpResponseStatus.OK
                    : HttpResponseStatus.SERVICE_UNAVAILABLE);
  }

  /**
   * Starts to answer.
   *
   * @param loops whose first serves; not ended with this
   * @param address port 0 picks one
   * @param inheritance sockets of the process before us; with one of them nothing is answered
   *     before {@link #serving}
   * @throws IOException where it cannot be bound
   */
  public static HealthServer start(
      Loops loops, SocketEndpoint address, Answers answers, Inheritance inheritance)
      throws IOException {
    EventLoop loop = loops.all().getFirst();
    ChannelGroup clients = new DefaultChannelGroup("health", loop);
    Transport transport = loops.transport();
    List<Integer> inherited = inheritance.take(Use.HEALTH, address);
    if (!inherited.isEmpty()) {
      Channel server =
          answering(transport.over(new ServerBootstrap(), inherited.getFirst()), clients, answers)
              .group(loop)
              .option(ChannelOption.AUTO_READ, false)
              .register()
              .syncUninterruptibly()
              .channel();
      return new HealthServer(address, server, clients);
    }
    ChannelFuture bound =
        answering(transport.on(new ServerBootstrap(), false), clients, answers)
            .group(loop)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .bind(new InetSocketAddress(InetAddress.ofLiteral(address.address()), address.port()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(bound.cause().getMessage(), bound.cause());
    }
    return new HealthServer(address, bound.channel(), clients);
  }

  private static ServerBootstrap answering(
      ServerBootstrap on, ChannelGroup clients, Answers answers) {
    return on.childHandler(
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            if (clients.size() >= MAX_CONNECTIONS) {
              channel.close();
              return;
            }
            clients.add(channel);
            channel
                .pipeline()
                .addLast(
                    new ReadTimeoutHandler(SILENCE_SECONDS),
                    new HttpServerCodec(),
                    new HttpServerKeepAliveHandler(),
                    new HttpObjectAggregator(BODY_BYTES, true),
                    new Exchange(answers));
          }
        });
  }

  /** The socket, for another process to answer at too; it stays ours. */
  public Handed handed() {
    return new Handed(Use.HEALTH, "", at, Transport.descriptor(server));
  }

  /** Whether it is us who takes connections. Does not block. */
  public void serving(boolean on) {
    server.config().setAutoRead(on);
  }

  private static final class Exchange extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final Answers answers;

    /** Nobody pipelines here: a second request before the first answer ends the connection. */
    private boolean busy;

    Exchange(Answers answers) {
      this.answers = answers;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      if (busy) {
        context.close();
        return;
      }
      busy = true;
      if (request.decoderResult().isFailure()) {
        reply(context, HttpResponseStatus.BAD_REQUEST);
        return;
      }
      String target = request.uri();
      int query = target.indexOf('?');
      answers.to(query < 0 ? target : target.substring(0, query), status -> reply(context, status));
    }

    private void reply(ChannelHandlerContext context, HttpResponseStatus status) {
      busy = false;
      FullHttpResponse response =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER);
      if (status.code() != HttpResponseStatus.NO_CONTENT.code()) {
        HttpUtil.setContentLength(response, 0);
      }
      context.writeAndFlush(response);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) server.localAddress();
  }

  @Override
  public void close() {
    server.close().awaitUninterruptibly();
    clients.close().awaitUninterruptibly();
  }
}
