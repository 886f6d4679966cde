package dev.meshctl.samples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Copies in stock, over a line protocol on plain TCP. The server speaks first, as SMTP and MySQL
 * do:
 *
 * <pre>
 * S: STOCK 1 stock-v1
 * C: COUNT 3
 * S: OK 31
 * C: COUNT 99
 * S: NO book 99
 * </pre>
 */
final class Stock implements RunningService {
  static final int PORT = 9091;
  static final String GREETING = "STOCK 1";

  private final ServerSocket server;
  private final String instance;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private Stock(Settings settings) throws IOException {
    this.instance = settings.instance();
    this.server = new ServerSocket();
    server.setReuseAddress(true);
    server.bind(settings.bind(), 1024);
  }

  static RunningService start(Settings settings) throws IOException {
    Stock stock = new Stock(settings);
    Thread.ofVirtual().name("stock-accept").start(stock::accept);
    return stock;
  }

  @Override
  public int port() {
    return server.getLocalPort();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.startVirtualThread(() -> serve(socket));
      } catch (IOException e) {
        if (!server.isClosed()) {
          System.getLogger(Stock.class.getName()).log(System.Logger.Level.WARNING, "accept", e);
        }
      }
    }
  }

  private void serve(Socket socket) {
    open.add(socket);
    try (socket;
        var in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        var out = socket.getOutputStream()) {
      socket.setTcpNoDelay(true);
      out.write((GREETING + " " + instance + "\n").getBytes(StandardCharsets.US_ASCII));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.write((reply(line) + "\n").getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException e) {
      // The client went away: its business.
    } finally {
      open.remove(socket);
    }
  }

  private static String reply(String line) {
    if (!line.startsWith("COUNT ")) {
      return "BAD expected: COUNT BOOK";
    }
    String id = line.substring("COUNT ".length()).strip();
    return Shelf.book(id).map(book -> "OK " + book.copies()).orElse("NO book " + id);
  }
}
