package dev.meshctl.dataplane.testing;

import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.net.tls.IdentityMaterial;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A server behind a proxy that tells it by the PROXY protocol whose connection it is. It keeps each
 * header (version 1 as its line, version 2 in hex), and answers each request or line with the one
 * of its connection.
 */
public final class ToldServer implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 10;
  private static final byte[] SIGNATURE = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a");

  private final ServerSocket socket;
  private final Optional<SSLContext> tls;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final BlockingQueue<String> headers = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> ended = new LinkedBlockingQueue<>();

  public ToldServer(Optional<IdentityMaterial> identity) {
    try {
      socket = new ServerSocket(0, 64, InetAddress.getByName("127.0.0.1"));
      tls = identity.map(ToldServer::context);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.submit(this::accept);
  }

  private static SSLContext context(IdentityMaterial identity) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "own", identity.key(), new char[0], identity.chain().toArray(X509Certificate[]::new));
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(store, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public SocketEndpoint address() {
    return new SocketEndpoint("127.0.0.1", socket.getLocalPort());
  }

  private Void accept() throws IOException {
    while (!socket.isClosed()) {
      Socket connection = socket.accept();
      threads.submit(() -> serve(connection));
    }
    return null;
  }

  private Void serve(Socket accepted) throws IOException {
    String header = "none";
    try (Socket plain = accepted) {
      header = header(plain.getInputStream());
      headers.add(header);
      if (tls.isEmpty()) {
        answer(plain, header);
        return null;
      }
      try (SSLSocket encrypted =
          (SSLSocket) tls.get().getSocketFactory().createSocket(plain, null, true)) {
        encrypted.setUseClientMode(false);
        answer(encrypted, header);
      }
    } finally {
      ended.add(header);
    }
    return null;
  }

  private static String header(InputStream in) throws IOException {
    byte[] first = in.readNBytes(SIGNATURE.length);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(first);
    if (java.util.Arrays.equals(first, SIGNATURE)) {
      byte[] rest = in.readNBytes(4);
      all.writeBytes(rest);
      all.writeBytes(in.readNBytes((rest[2] & 0xFF) << 8 | rest[3] & 0xFF));
      return HexFormat.of().formatHex(all.toByteArray());
    }
    return new String(first, StandardCharsets.US_ASCII) + line(in);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int each = in.read(); each != '\n'; each = in.read()) {
      if (each < 0) {
        throw new EOFException("in the middle of a line");
      }
      line.append((char) each);
    }
    return line.toString().strip();
  }

  private static void answer(Socket connection, String header) throws IOException {
    InputStream in = connection.getInputStream();
    while (true) {
      String first = line(in);
      boolean http = first.endsWith("HTTP/1.1");
      while (http && !line(in).isEmpty()) {
        // The rest of the head says nothing new.
      }
      String head = "HTTP/1.1 200 OK\r\ncontent-length: " + header.length() + "\r\n\r\n";
      String answer = http ? head + header : header + "\n";
      connection.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
      connection.getOutputStream().flush();
    }
  }

  /** The header of the next connection. */
  public String told() throws InterruptedException {
    return next(headers);
  }

  /** The header of the next connection that has ended. */
  public String ended() throws InterruptedException {
    return next(ended);
  }

  /** Connections whose header nobody has asked for. */
  public int untold() {
    return headers.size();
  }

  private static String next(BlockingQueue<String> from) throws InterruptedException {
    String next = from.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no connection came");
    }
    return next;
  }

  @Override
  public void close() throws IOException {
    socket.close();
    threads.shutdownNow();
  }
}
