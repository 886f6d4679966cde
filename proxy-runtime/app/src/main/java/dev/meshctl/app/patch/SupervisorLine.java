package dev.meshctl.app.patch;

import dev.meshctl.net.retry.Pause;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The line to the supervisor. Tells it now and then that we live: not just that this thread does,
 * but whoever it asks.
 *
 * <p>Thread: any; what is heard comes on one virtual thread of its own.
 */
public final class SupervisorLine implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SupervisorLine.class.getName());
  private static final int SIGN_OF_LIFE_SECONDS = 2;

  private final SocketChannel channel;
  private final Thread reading;
  private final Thread living;
  private volatile boolean closed;

  private SupervisorLine(
      SocketChannel channel, BooleanSupplier lives, Pause pause, Consumer<Told> listener) {
    this.channel = channel;
    this.reading = Thread.ofVirtual().name("supervisor").unstarted(() -> read(listener));
    this.living = Thread.ofVirtual().name("alive").unstarted(() -> live(lives, pause));
  }

  /**
   * Connects.
   *
   * @param lives asked each {@value #SIGN_OF_LIFE_SECONDS} s; may block for a while
   * @param listener of all that the supervisor says; the last is {@link Told.Gone} where it goes
   * @throws IOException where nobody listens there
   */
  public static SupervisorLine connect(
      Path socket, BooleanSupplier lives, Pause pause, Consumer<Told> listener) throws IOException {
    SupervisorLine line =
        new SupervisorLine(
            SocketChannel.open(UnixDomainSocketAddress.of(socket)), lives, pause, listener);
    line.reading.start();
    line.living.start();
    return line;
  }

  /** We accept. */
  public void ready() throws IOException {
    say("ready");
  }

  /** We cannot take the place that we were to take, and end. */
  public void giveUp(String why) throws IOException {
    say("giveup " + why.replace('\n', ' '));
  }

  /**
   * Asks for a next process beside us.
   *
   * @param needBytes of memory, more than what is in use
   * @param folder of the runtime
   */
  void start(
      long generation, Duration ready, Duration drain, Duration watch, long needBytes, Path folder)
      throws IOException {
    say(
        "start %d %d %d %d %d %s"
            .formatted(
                generation,
                ready.toMillis(),
                drain.toMillis(),
                watch.toMillis(),
                needBytes,
                folder.toAbsolutePath()));
  }

  private synchronized void say(String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private void read(Consumer<Told> listener) {
    try (BufferedReader lines =
        new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Told.of(line).ifPresent(listener);
      }
    } catch (IOException gone) {
      // Said below.
    }
    if (!closed) {
      LOG.log(System.Logger.Level.ERROR, "the supervisor is gone");
      listener.accept(new Told.Gone());
    }
  }

  private void live(BooleanSupplier lives, Pause pause) {
    try {
      while (channel.isOpen()) {
        if (lives.getAsBoolean()) {
          say("alive");
        }
        pause.pause(Duration.ofSeconds(SIGN_OF_LIFE_SECONDS));
      }
    } catch (IOException | InterruptedException ended) {
      // So has the supervisor, or this.
    }
  }

  @Override
  public void close() {
    closed = true;
    living.interrupt();
    try {
      channel.close();
    } catch (IOException gone) {
      // As wanted.
    }
  }
}
