package dev.meshctl.samples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Asks {@link Stock}, over a few connections that are kept for a while and then made anew, so that
 * the client follows when the service moves.
 */
final class StockClient implements AutoCloseable {
  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
  private static final int READ_TIMEOUT_MILLIS = 15_000;
  private static final long LIFE_NANOS = 2_000_000_000L;

  private final Settings.Address address;
  private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();
  private volatile boolean closed;

  StockClient(Settings.Address address) {
    this.address = address;
  }

  /** A connection that was idle may have died meanwhile, which only a new one can tell. */
  int copies(int book) throws IOException {
    Connection kept = take();
    if (kept != null) {
      try {
        return ask(kept, book);
      } catch (IOException e) {
        kept.close();
      }
    }
    Connection fresh = Connection.open(address);
    try {
      return ask(fresh, book);
    } catch (IOException e) {
      fresh.close();
      throw e;
    }
  }

  private int ask(Connection connection, int book) throws IOException {
    String reply = connection.exchange("COUNT " + book);
    if (!reply.startsWith("OK ")) {
      throw new IOException("stock: " + reply + " (expected: OK COPIES)");
    }
    if (closed) {
      connection.close();
    } else {
      idle.push(connection);
    }
    return Integer.parseInt(reply.substring("OK ".length()));
  }

  private @org.jspecify.annotations.Nullable Connection take() {
    for (Connection c = idle.poll(); c != null; c = idle.poll()) {
      if (System.nanoTime() - c.openedNanos < LIFE_NANOS) {
        return c;
      }
      c.close();
    }
    return null;
  }

  @Override
  public void close() {
    closed = true;
    for (Connection c = idle.poll(); c != null; c = idle.poll()) {
      c.close();
    }
  }

  private static final class Connection {
    private final Socket socket;
    private final BufferedReader in;
    final long openedNanos = System.nanoTime();

    private Connection(Socket socket) throws IOException {
      this.socket = socket;
      this.in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    }

    static Connection open(Settings.Address address) throws IOException {
      Socket socket = new Socket();
      try {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(READ_TIMEOUT_MILLIS);
        socket.connect(
            new InetSocketAddress(address.host(), address.port()), CONNECT_TIMEOUT_MILLIS);
        Connection connection = new Connection(socket);
        String greeting = connection.line();
        if (!greeting.startsWith(Stock.GREETING)) {
          throw new IOException(
              "stock greets with " + greeting + " (expected: " + Stock.GREETING + ")");
        }
        return connection;
      } catch (IOException e) {
        socket.close();
        throw new IOException(
            "stock at " + address.host() + ":" + address.port() + ": " + e.getMessage(), e);
      }
    }

    String exchange(String line) throws IOException {
      socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
      return line();
    }

    private String line() throws IOException {
      String line = in.readLine();
      if (line == null) {
        throw new IOException("connection closed");
      }
      return line;
    }

    void close() {
      try {
        socket.close();
      } catch (IOException e) {
        // Closed is what was wanted.
      }
    }
  }
}
