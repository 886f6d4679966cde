package dev.meshctl.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * {@code AwaitReadyMain [PORT]}: ends when the sidecar of this pod is ready, or with exit code 1
 * after a minute. The hook of a sidecar that is an ordinary container: the pod's next container
 * starts when it has ended.
 */
public final class AwaitReadyMain {
  private static final String ADDRESS = "POD_IP";
  private static final int PORT = 15021;
  private static final int TRIES = 240;
  private static final int PAUSE_MILLIS = 250;
  private static final int PATIENCE_MILLIS = 2000;

  private AwaitReadyMain() {}

  public static void main(String[] words) throws InterruptedException {
    String address = System.getenv(ADDRESS);
    InetSocketAddress sidecar =
        new InetSocketAddress(
            InetAddress.ofLiteral(address == null ? "127.0.0.1" : address),
            words.length == 0 ? PORT : Integer.parseInt(words[0]));
    for (int i = 0; i < TRIES; i++) {
      if (isReady(sidecar)) {
        return;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    System.err.println("the sidecar at " + sidecar + " is not ready");
    System.exit(1);
  }

  private static boolean isReady(InetSocketAddress sidecar) {
    try (Socket socket = new Socket()) {
      socket.connect(sidecar, PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket
          .getOutputStream()
          .write(
              "GET /healthz/ready HTTP/1.1\r\nHost: sidecar\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      byte[] line = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
      return new String(line, StandardCharsets.US_ASCII).endsWith(" 200");
    } catch (IOException notYet) {
      return false;
    }
  }
}
