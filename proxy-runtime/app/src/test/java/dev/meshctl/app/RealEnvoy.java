package dev.meshctl.app;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** An Envoy that runs beside ours for the time of a test. */
final class RealEnvoy implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final java.lang.Process process;

  private RealEnvoy(java.lang.Process process) {
    this.process = process;
  }

  /** Starts it with {@code config} and waits until it listens at {@code port}. */
  static RealEnvoy start(Path judge, Path config, Path log, int port) throws IOException {
    java.lang.Process envoy =
        new ProcessBuilder(
                judge.toString(),
                "-c",
                config.toString(),
                "--concurrency",
                "1",
                "--disable-hot-restart",
                "--log-level",
                "warning")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    await()
        .atMost(PATIENCE)
        .until(() -> {
          if (!envoy.isAlive()) {
            throw new IOException("Envoy refuses the sample: " + Files.readString(log));
          }
          return accepts(port);
        });
    return new RealEnvoy(envoy);
  }

  static boolean accepts(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    process.waitFor();
  }
}
