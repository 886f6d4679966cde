package dev.meshctl.dataplane.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.http.LoopResources;
import dev.meshctl.net.loop.Loops;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ConnectorTest {
  private static final int PATIENCE_SECONDS = 10;

  /** Told of the channel, or of nothing for ever. */
  private static CompletableFuture<Channel> connect(
      Connector connector, InetSocketAddress address, Consumer<Channel> onRead) {
    CompletableFuture<Channel> opened = new CompletableFuture<>();
    connector.connect(
        address,
        UpstreamTransport.PLAIN,
        Duration.ofSeconds(PATIENCE_SECONDS),
        new Connector.Callback() {
          @Override
          public void connected(Channel channel) {
            channel
                .pipeline()
                .addLast(
                    new SimpleChannelInboundHandler<ByteBuf>() {
                      @Override
                      protected void channelRead0(ChannelHandlerContext context, ByteBuf data) {
                        onRead.accept(channel);
                      }
                    });
            opened.complete(channel);
          }

          @Override
          public void failed(ConnectFailure reason) {
            opened.completeExceptionally(new AssertionError(reason));
          }
        });
    return opened;
  }

  @Test
  void a_new_connection_hears_nothing_of_an_event_meant_for_a_closed_one() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    try (Loops loops = Loops.start(1, "connector");
        ServerSocket server = new ServerSocket(0, 8, InetAddress.ofLiteral("127.0.0.1"))) {
      EventLoop loop = loops.all().get(0);
      Connector connector =
          new Connector(new LoopResources(loop, loops.allocator()), loops.transport());
      InetSocketAddress address =
          new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
      CompletableFuture<Channel> second = connect(connector, address, channel -> {});
      CompletableFuture<Boolean> heard = new CompletableFuture<>();
      try (Socket toSecond = server.accept()) {
        Channel closed = second.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        CompletableFuture<Channel> third = new CompletableFuture<>();
        CompletableFuture<Channel> first =
            connect(
                connector,
                address,
                channel -> {
                  closed.close();
                  connect(connector, address, next -> heard.complete(true))
                      .thenAccept(third::complete);
                });
        try (Socket toFirst = server.accept()) {
          first.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
          CompletableFuture<Boolean> holding = new CompletableFuture<>();
          loop.execute(() -> hold(holding, held));
          holding.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
          // Both are told of in one go: the first closes the second, whose data is still to come.
          toFirst.getOutputStream().write('x');
          toSecond.getOutputStream().write('x');
          held.countDown();

          try (Socket toThird = server.accept()) {
            third.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            toThird.getOutputStream().write('x');

            assertThat(heard.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
          }
        }
      }
    } finally {
      held.countDown();
    }
  }

  private static void hold(CompletableFuture<Boolean> holding, CountDownLatch until) {
    holding.complete(true);
    try {
      until.await();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }
}
