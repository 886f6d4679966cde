package dev.meshctl.net.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.net.handover.Handed.Use;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.loop.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors on their way, over a real Unix socket. */
class SuccessorsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path folder;
  private final Loops old = Loops.start(1, "old");
  private final Loops next = Loops.start(1, "next");
  private final CountDownLatch alone = new CountDownLatch(1);
  private final BlockingQueue<String> accepted = new LinkedBlockingQueue<>();
  private List<Handed> offered = List.of();

  @BeforeEach
  void needsEpoll() {
    Assumptions.assumeTrue(Epoll.isAvailable(), "sockets go from process to process with epoll");
  }

  @AfterEach
  void close() {
    next.close();
    old.close();
  }

  private Successors await() throws IOException {
    return Successors.await(
        old,
        folder.resolve("s"),
        new Successors.Offer() {
          @Override
          public List<Handed> share() {
            return offered;
          }

          @Override
          public void alone() {
            alone.countDown();
          }
        });
  }

  private ServerBootstrap naming(ServerBootstrap bootstrap, Loops loops, String name) {
    return bootstrap
        .group(loops.all().getFirst())
        .childHandler(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelActive(ChannelHandlerContext ctx) {
                accepted.add(name);
                ctx.close();
              }
            });
  }

  private Channel listening() {
    return naming(Transport.EPOLL.on(new ServerBootstrap(), false), old, "old")
        .bind("127.0.0.1", 0)
        .syncUninterruptibly()
        .channel();
  }

  private static Handed handed(String name, Channel socket) {
    return new Handed(
        Use.LISTENER, name, new SocketEndpoint("127.0.0.1", 0, 0), Transport.descriptor(socket));
  }

  @Test
  void sockets_arrive_in_their_order_and_accept_when_the_old_one_is_gone() throws Exception {
    Channel first = listening();
    Channel second = listening();
    offered = List.of(handed("first\tof two", first), handed("second", second));
    try (Successors successors = await();
        Predecessor predecessor = Predecessor.ask(next, folder.resolve("s")).orElseThrow()) {
      Inheritance inheritance = predecessor.sockets(PATIENCE);
      assertThat(successors.shared()).isTrue();
      List<Integer> taken = inheritance.take(each -> each.name().equals("second"));
      assertThat(taken).hasSize(1);
      InetSocketAddress at = (InetSocketAddress) second.localAddress();
      second.close().syncUninterruptibly();
      // Nobody accepts, and still nobody is refused.
      try (Socket waiting = new Socket(at.getAddress(), at.getPort())) {
        naming(Transport.EPOLL.over(new ServerBootstrap(), taken.getFirst()), next, "next")
            .register()
            .syncUninterruptibly();
        assertThat(accepted.poll(20, TimeUnit.SECONDS)).isEqualTo("next");
        assertThat(waiting.isConnected()).isTrue();
      }
      inheritance.close();
      InetSocketAddress left = (InetSocketAddress) first.localAddress();
      new Socket(left.getAddress(), left.getPort()).close();
      assertThat(accepted.poll(20, TimeUnit.SECONDS)).isEqualTo("old");
    }
  }

  @Test
  void no_socket_is_an_answer_too() throws Exception {
    try (Successors successors = await();
        Predecessor predecessor = Predecessor.ask(next, folder.resolve("s")).orElseThrow()) {
      assertThat(predecessor.sockets(PATIENCE).take(each -> true)).isEmpty();
      assertThat(successors.shared()).isTrue();
    }
  }

  @Test
  void the_old_one_hears_of_the_death_of_the_next() throws Exception {
    try (Successors successors = await()) {
      try (Predecessor predecessor = Predecessor.ask(next, folder.resolve("s")).orElseThrow()) {
        predecessor.sockets(PATIENCE).close();
      }
      assertThat(alone.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void there_is_one_successor_at_a_time() throws Exception {
    try (Successors successors = await();
        Predecessor one = Predecessor.ask(next, folder.resolve("s")).orElseThrow()) {
      one.sockets(PATIENCE).close();
      try (Predecessor other = Predecessor.ask(next, folder.resolve("s")).orElseThrow()) {
        assertThatThrownBy(() -> other.sockets(PATIENCE))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("another process is about to take its place");
      }
      assertThat(successors.shared()).isTrue();
    }
  }

  @Test
  void only_our_user_reaches_the_socket_and_nothing_is_left_of_it() throws Exception {
    try (Successors successors = await()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("s"))))
          .isEqualTo("rw-------");
    }
    assertThat(folder.resolve("s")).doesNotExist();
    assertThatThrownBy(() -> Predecessor.ask(next, folder.resolve("s")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not answer");
  }

  /** Its addresses can be bound then; where nobody ever waited, somebody may listen at them. */
  @Test
  void one_that_was_killed_is_known_to_be_dead() throws Exception {
    Path socket = folder.resolve("s");
    Transport.close(Transport.EPOLL.listenAtPipe(socket.toString(), 1));
    assertThat(socket).exists();
    assertThat(Predecessor.ask(next, socket)).isEmpty();
  }
}
