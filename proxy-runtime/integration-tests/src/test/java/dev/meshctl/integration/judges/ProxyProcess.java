package dev.meshctl.integration.judges;

import static org.awaitility.Awaitility.await;

import dev.meshctl.model.testkit.Judges;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that listens, in a process of its own: our proxy or a real Envoy, from the same
 * bootstrap, or what stands behind them. Ended by {@link #close}.
 */
public final class ProxyProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** In a bootstrap, where the listener's port goes. */
  public static final String PORT = "@PORT@";

  private final Process process;
  private final int port;

  private ProxyProcess(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Our proxy, run alone from {@code bootstrap}. */
  public static ProxyProcess ours(Path folder, String name, String bootstrap) throws IOException {
    int port = freePort();
    Path file = folder.resolve("ours-" + name + ".yaml");
    Files.writeString(file, bootstrap.replace(PORT, Integer.toString(port)));
    return start(
        folder.resolve("ours-" + name + ".log"),
        port,
        java(
            List.of("-Xmx256m"),
            "dev.meshctl.app.StandaloneMain",
            "-c",
            file.toString(),
            "--concurrency",
            "1"));
  }

  /** A real Envoy with {@code bootstrap}, or the test that asks is skipped. */
  static ProxyProcess envoy(Path folder, String name, String bootstrap) throws IOException {
    int port = freePort();
    Path file = folder.resolve("envoy-" + name + ".yaml");
    Files.writeString(file, bootstrap.replace(PORT, Integer.toString(port)));
    return start(
        folder.resolve("envoy-" + name + ".log"),
        port,
        List.of(
            Judges.envoy().toString(),
            "-c",
            file.toString(),
            "--concurrency",
            "1",
            "--disable-hot-restart",
            "--log-level",
            "warning"));
  }

  /** Runs {@code command}, which is to listen on {@code port} of the loopback. */
  static ProxyProcess start(Path log, int port, List<String> command) throws IOException {
    return start(log, port, new ProcessBuilder(command));
  }

  static ProxyProcess start(Path log, int port, ProcessBuilder command) throws IOException {
    Process process = command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    ProxyProcess running = new ProxyProcess(process, port);
    try {
      await()
          .atMost(PATIENCE)
          .until(() -> {
            if (!process.isAlive()) {
              throw new IOException(command.command() + " ended: " + Files.readString(log));
            }
            return accepts(port);
          });
    } catch (RuntimeException | Error unusable) {
      running.close();
      throw unusable;
    }
    return running;
  }

  /** A JVM like ours with the classes of this test. */
  static List<String> java(List<String> flags, String main, String... words) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(List.of(words));
    return command;
  }

  public int port() {
    return port;
  }

  public long pid() {
    return process.pid();
  }

  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(Duration.ofSeconds(10))) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
