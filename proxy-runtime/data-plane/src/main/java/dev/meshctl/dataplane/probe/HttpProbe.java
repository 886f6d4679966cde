package dev.meshctl.dataplane.probe;

import dev.meshctl.dataplane.probe.AppProbe.Action;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.Optional;

/** One GET; the head of the answer is enough. */
final class HttpProbe extends ChannelInitializer<Channel> {
  private final String target;
  private final InetSocketAddress workload;
  private final Action.Http http;
  private final Optional<SslContext> tls;
  private final Answer answer;

  /** Told of the first head, or that none came; may be told twice. */
  interface Answer {
    /**
     * @param location empty for none
     */
    void of(HttpResponseStatus status, String location);
  }

  HttpProbe(
      String target,
      InetSocketAddress workload,
      Action.Http http,
      Optional<SslContext> tls,
      Answer answer) {
    this.target = target;
    this.workload = workload;
    this.http = http;
    this.tls = tls;
    this.answer = answer;
  }

  @Override
  protected void initChannel(Channel channel) {
    tls.ifPresent(context -> channel.pipeline().addLast(context.newHandler(channel.alloc())));
    channel.pipeline().addLast(new HttpClientCodec(), new Exchange());
  }

  private final class Exchange extends SimpleChannelInboundHandler<HttpObject> {
    private boolean answered;

    @Override
    public void channelActive(ChannelHandlerContext context) {
      DefaultFullHttpRequest request =
          new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1, HttpMethod.GET, target, Unpooled.EMPTY_BUFFER);
      HttpHeaders headers = request.headers();
      headers.set(
          HttpHeaderNames.HOST, workload.getAddress().getHostAddress() + ":" + workload.getPort());
      headers.set(HttpHeaderNames.USER_AGENT, "kube-probe/meshctl");
      headers.set(HttpHeaderNames.ACCEPT, "*/*");
      for (AppProbe.Header header : http.headers()) {
        if (header.name().equalsIgnoreCase("host")) {
          headers.set(HttpHeaderNames.HOST, header.value());
        } else {
          headers.add(header.name(), header.value());
        }
      }
      headers.set(HttpHeaderNames.CONNECTION, "close");
      context.writeAndFlush(request);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
      if (!answered && message instanceof HttpResponse response) {
        if (response.decoderResult().isFailure()) {
          context.close();
        } else if (response.status().code() >= 200) {
          answered = true;
          String location = response.headers().get(HttpHeaderNames.LOCATION, "");
          context.close();
          answer.of(response.status(), location);
        }
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      if (!answered) {
        answered = true;
        answer.of(HttpResponseStatus.SERVICE_UNAVAILABLE, "");
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
