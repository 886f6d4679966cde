package dev.meshctl.dataplane.probe;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.function.Consumer;

/** A connection that opens is the answer. */
final class TcpProbe extends ChannelInitializer<Channel> {
  private final Consumer<HttpResponseStatus> answer;

  TcpProbe(Consumer<HttpResponseStatus> answer) {
    this.answer = answer;
  }

  @Override
  protected void initChannel(Channel channel) {
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelActive(ChannelHandlerContext context) {
                answer.accept(HttpResponseStatus.OK);
              }
            });
  }
}
