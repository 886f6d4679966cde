package dev.meshctl.dataplane.probe;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrame;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * One {@code grpc.health.v1.Health/Check}: 200 where it says SERVING, 503 else.
 *
 * <p>The messages are of one field each, written here: {@code HealthCheckRequest{service = 1}},
 * {@code HealthCheckResponse{status = 1}}.
 */
final class GrpcProbe extends ChannelInitializer<Channel> {
  private static final int SERVING = 1;
  private static final int PREFIX_BYTES = 5;
  private static final int MOST_ANSWER_BYTES = 64;

  private final String service;
  private final Consumer<HttpResponseStatus> answer;

  /**
   * @param answer may be told twice; the first counts
   */
  GrpcProbe(String service, Consumer<HttpResponseStatus> answer) {
    this.service = service;
    this.answer = answer;
  }

  @Override
  protected void initChannel(Channel channel) {
    channel
        .pipeline()
        .addLast(
            Http2FrameCodecBuilder.forClient().build(),
            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelActive(ChannelHandlerContext context) {
                open(context.channel());
                context.fireChannelActive();
              }

              @Override
              public void channelInactive(ChannelHandlerContext context) {
                answer.accept(HttpResponseStatus.SERVICE_UNAVAILABLE);
              }

              @Override
              public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                context.close();
              }
            });
  }

  private void open(Channel connection) {
    new Http2StreamChannelBootstrap(connection)
        .handler(new Exchange())
        .open()
        .addListener(opened -> {
          if (opened.getNow() instanceof Http2StreamChannel stream) {
            ask(stream);
          } else {
            answer.accept(HttpResponseStatus.SERVICE_UNAVAILABLE);
          }
        });
  }

  private void ask(Http2StreamChannel stream) {
    Http2Headers headers =
        new DefaultHttp2Headers()
            .method("POST")
            .scheme("http")
            .path("/grpc.health.v1.Health/Check")
            .authority("localhost")
            .add("content-type", "application/grpc")
            .add("te", "trailers")
            .add("user-agent", "kube-probe/meshctl");
    stream.write(new DefaultHttp2HeadersFrame(headers, false));
    stream.writeAndFlush(new DefaultHttp2DataFrame(question(stream), true));
  }

  private ByteBuf question(Channel channel) {
    byte[] name = service.getBytes(StandardCharsets.UTF_8);
    int lengthBytes = name.length < 128 ? 1 : 2;
    int length = name.length == 0 ? 0 : 1 + lengthBytes + name.length;
    ByteBuf message = channel.alloc().buffer(PREFIX_BYTES + length);
    message.writeByte(0).writeInt(length);
    if (name.length > 0) {
      message.writeByte(0x0A);
      if (lengthBytes == 1) {
        message.writeByte(name.length);
      } else {
        message.writeByte(name.length & 0x7F | 0x80).writeByte(name.length >> 7);
      }
      message.writeBytes(name);
    }
    return message;
  }

  private final class Exchange extends SimpleChannelInboundHandler<Http2StreamFrame> {
    private final byte[] message = new byte[MOST_ANSWER_BYTES];
    private int messageBytes;

    @Override
    protected void channelRead0(ChannelHandlerContext context, Http2StreamFrame frame) {
      switch (frame) {
        case Http2DataFrame data -> {
          int length = Math.min(data.content().readableBytes(), message.length - messageBytes);
          data.content().readBytes(message, messageBytes, length);
          messageBytes += length;
          if (data.isEndStream()) {
            // gRPC ends with trailers: data at the end is no answer.
            answer.accept(HttpResponseStatus.SERVICE_UNAVAILABLE);
          }
        }
        case Http2HeadersFrame headers when headers.isEndStream() ->
            answer.accept(
                "0".contentEquals(headers.headers().get("grpc-status", "")) && serving()
                    ? HttpResponseStatus.OK
                    : HttpResponseStatus.SERVICE_UNAVAILABLE);
        default -> {}
      }
    }

    private boolean serving() {
      return messageBytes >= 7 && message[0] == 0 && message[5] == 0x08 && message[6] == SERVING;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      answer.accept(HttpResponseStatus.SERVICE_UNAVAILABLE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
