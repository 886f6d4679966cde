package dev.meshctl.dataplane.hardening;

import dev.meshctl.model.xds.SocketEndpoint;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An upstream that keeps every byte it gets, so that a test sees what really left the proxy, and
 * answers as it is told.
 */
public final class Tap implements AutoCloseable {
  public static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final ServerSocket server;
  private final Conversation conversation;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final List<String> heads = new CopyOnWriteArrayList<>();
  private final Set<Closeable> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();

  /** Serves one connection; its end closes it. */
  public interface Conversation {
    void run(Tap tap, InputStream in, OutputStream out) throws IOException;
  }

  private Tap(Conversation conversation) throws IOException {
    this.conversation = conversation;
    this.server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
  }

  public static Tap open(Conversation conversation) throws IOException {
    Tap tap = new Tap(conversation);
    Thread.ofVirtual().start(tap::accept);
    return tap;
  }

  /** Answers each head with {@code response}, whatever follows it. */
  public static Tap answering(String response) throws IOException {
    return open((tap, in, out) -> {
      while (!tap.head(in).isEmpty()) {
        out.write(response.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
      }
    });
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        connections.add(socket);
        accepted.incrementAndGet();
        Thread.ofVirtual().start(() -> converse(socket));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void converse(Socket socket) {
    try (socket) {
      conversation.run(this, socket.getInputStream(), socket.getOutputStream());
    } catch (IOException gone) {
      // The proxy has closed.
    }
  }

  /** Reads up to the end of a head; empty at the end of the connection. */
  public String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = read(in);
      if (next < 0) {
        return "";
      }
      head.append((char) next);
    }
    heads.add(head.toString());
    return head.toString();
  }

  /** One byte, kept; -1 at the end. */
  public int read(InputStream in) throws IOException {
    int next = in.read();
    if (next >= 0) {
      synchronized (received) {
        received.write(next);
      }
    }
    return next;
  }

  /** All bytes of all connections. */
  public String received() {
    synchronized (received) {
      return received.toString(StandardCharsets.ISO_8859_1);
    }
  }

  /** Heads in the order in which they came. */
  public List<String> heads() {
    return List.copyOf(heads);
  }

  public int connections() {
    return accepted.get();
  }

  public SocketEndpoint address() {
    return new SocketEndpoint("127.0.0.1", server.getLocalPort());
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Closeable each : connections) {
      each.close();
    }
  }
}
