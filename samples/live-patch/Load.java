import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients of HTTP/1.1 that forgive nothing: each asks one address after the other and sends every
 * request once; a connection that ends, an answer that is no 200 and one that takes longer than 15
 * s have failed. Every second client makes a connection for each request.
 */
final class Load implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 15_000;

  /** Bounds a run that nobody ends. */
  private static final int MOST = 2_000_000;

  private final Queue<Sample> samples = new ConcurrentLinkedQueue<>();
  private final List<Thread> clients = new ArrayList<>();
  private volatile boolean closed;

  /**
   * A request.
   *
   * @param failure empty where it was answered with 200
   */
  record Sample(long atMillis, long micros, String from, String failure) {}

  /**
   * Adds clients.
   *
   * @param from what their requests are called
   * @param proxy through which they ask, as a workload with HTTP_PROXY does
   */
  void add(
      int count, String from, Optional<InetSocketAddress> proxy, List<URI> urls, int pauseMillis) {
    for (int i = 0; i < count; i++) {
      int who = i;
      clients.add(
          Thread.ofVirtual()
              .start(() -> {
                Optional<Socket> kept = Optional.empty();
                for (int n = who; !closed && samples.size() < MOST; n++) {
                  kept = ask(urls.get(n % urls.size()), from, proxy, kept, who % 2 == 0);
                  LockSupport.parkNanos(pauseMillis * 1_000_000L);
                }
                kept.ifPresent(Load::close);
              }));
    }
  }

  List<Sample> samples() {
    return List.copyOf(samples);
  }

  /** Of answers between two moments, 0 to 1; in milliseconds. */
  double quantile(long fromMillis, long untilMillis, double share) {
    long[] sorted =
        samples.stream()
            .filter(s -> s.atMillis >= fromMillis && s.atMillis < untilMillis)
            .mapToLong(Sample::micros)
            .sorted()
            .toArray();
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1, sorted.length * share)] / 1e3;
  }

  private Optional<Socket> ask(
      URI url,
      String from,
      Optional<InetSocketAddress> proxy,
      Optional<Socket> kept,
      boolean keeping) {
    long at = System.currentTimeMillis();
    long asked = System.nanoTime();
    String failure = "";
    Optional<Socket> next = Optional.empty();
    Socket socket = kept.orElseGet(Socket::new);
    try {
      if (!socket.isConnected()) {
        socket.connect(
            proxy.orElseGet(() -> new InetSocketAddress(url.getHost(), url.getPort())),
            PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
      }
      socket
          .getOutputStream()
          .write(
              ("GET "
                      + (proxy.isPresent() ? url : url.getRawPath())
                      + " HTTP/1.1\r\nHost: "
                      + url.getRawAuthority()
                      + (keeping ? "" : "\r\nConnection: close")
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      InputStream in = new BufferedInputStream(socket.getInputStream());
      String head = head(in);
      byte[] body = body(in, head);
      if (!head.startsWith("HTTP/1.1 200 ")) {
        String text = new String(body, StandardCharsets.UTF_8);
        failure = head.lines().findFirst().orElse("") + " " + text.lines().findFirst().orElse("");
      }
      if (keeping && !field(head, "connection").contains("close")) {
        next = Optional.of(socket);
      }
    } catch (IOException | RuntimeException broken) {
      failure = broken.toString();
    }
    if (next.isEmpty()) {
      close(socket);
    }
    samples.add(
        new Sample(
            at,
            (System.nanoTime() - asked) / 1000,
            from,
            failure.isEmpty() ? "" : url + ": " + failure));
    return next;
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException gone) {
      // As wanted.
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the connection ended after " + head.length() + " bytes");
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static String field(String head, String name) {
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  private static byte[] body(InputStream in, String head) throws IOException {
    String length = field(head, "content-length");
    if (!length.isEmpty()) {
      return whole(in, Integer.parseInt(length));
    }
    if (!field(head, "transfer-encoding").equalsIgnoreCase("chunked")) {
      return in.readAllBytes();
    }
    var body = new java.io.ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(line(in).strip(), 16);
      if (size == 0) {
        while (!line(in).isEmpty()) {
          // Trailers.
        }
        return body.toByteArray();
      }
      body.write(whole(in, size));
      line(in);
    }
  }

  private static byte[] whole(InputStream in, int size) throws IOException {
    byte[] bytes = in.readNBytes(size);
    if (bytes.length < size) {
      throw new EOFException("the body ended after " + bytes.length + " of " + size + " bytes");
    }
    return bytes;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the body ended within a chunk");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  /** Returns when all have their last answer. */
  @Override
  public void close() throws InterruptedException {
    closed = true;
    for (Thread client : clients) {
      client.join();
    }
  }
}
