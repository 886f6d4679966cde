package dev.meshctl.app.patch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The other end of a {@link SupervisorLine}: says what the test says, keeps what it hears. */
final class SpokenSupervisor implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 20;

  private final Path socket;
  private final ServerSocketChannel listening;
  private final BlockingQueue<SocketChannel> lines = new ArrayBlockingQueue<>(8);
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

  private SpokenSupervisor(Path socket, ServerSocketChannel listening) {
    this.socket = socket;
    this.listening = listening;
  }

  static SpokenSupervisor listen(Path socket) throws IOException {
    SpokenSupervisor supervisor =
        new SpokenSupervisor(
            socket,
            ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(socket)));
    Thread.ofVirtual().start(supervisor::accept);
    return supervisor;
  }

  Path socket() {
    return socket;
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel line = listening.accept();
        lines.add(line);
        Thread.ofVirtual().start(() -> read(line));
      }
    } catch (IOException closed) {
      // By the test.
    }
  }

  private void read(SocketChannel line) {
    try (BufferedReader text =
        new BufferedReader(Channels.newReader(line, StandardCharsets.UTF_8))) {
      text.lines().filter(each -> !each.equals("alive")).forEach(heard::add);
    } catch (IOException | RuntimeException closed) {
      // By either.
    }
  }

  /** To whoever connected first and is still there. */
  void say(String text) throws Exception {
    SocketChannel line = line();
    line.write(ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8)));
    lines.add(line);
  }

  /** Ends, as far as whoever connected first can tell. */
  void vanish() throws Exception {
    line().close();
  }

  private SocketChannel line() throws InterruptedException {
    SocketChannel line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(line).as("somebody is connected").isNotNull();
    return line;
  }

  /** The next line that is said to it. */
  String hear() throws InterruptedException {
    String line = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(line).as("a line was said").isNotNull();
    return line;
  }

  /** Lines that were said and not yet heard. */
  int unheard() {
    return heard.size();
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (SocketChannel line : lines) {
      line.close();
    }
  }
}
