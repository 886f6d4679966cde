package dev.meshctl.integration.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One address in front of several servers, as a Service is: a connection goes to the first of them
 * that takes it.
 *
 * <p>Thread: virtual ones, two for each connection.
 */
final class Doorway implements AutoCloseable {
  private final ServerSocket listening;
  private final List<InetSocketAddress> servers;
  private final AtomicInteger connections = new AtomicInteger();

  private Doorway(ServerSocket listening, List<InetSocketAddress> servers) {
    this.listening = listening;
    this.servers = servers;
  }

  static Doorway open(InetSocketAddress... servers) throws IOException {
    Doorway doorway =
        new Doorway(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), List.of(servers));
    Thread.ofVirtual().name("doorway").start(doorway::accept);
    return doorway;
  }

  InetSocketAddress address() {
    return new InetSocketAddress(listening.getInetAddress(), listening.getLocalPort());
  }

  /** So many have gone through. */
  int connections() {
    return connections.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        Thread.ofVirtual().name("doorway-in").start(() -> serve(client));
      }
    } catch (IOException closed) {
      // By the test.
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket server = firstThatTakes()) {
      connections.incrementAndGet();
      Thread back = Thread.ofVirtual().name("doorway-out").start(() -> copy(server, client));
      copy(client, server);
      back.join();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    } catch (IOException nobody) {
      // The client sees the end of its connection.
    }
  }

  private Socket firstThatTakes() throws IOException {
    IOException refused = new IOException("no server");
    for (InetSocketAddress each : servers) {
      try {
        return new Socket(each.getAddress(), each.getPort());
      } catch (IOException gone) {
        refused = gone;
      }
    }
    throw refused;
  }

  private static void copy(Socket from, Socket to) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      in.transferTo(out);
      to.shutdownOutput();
    } catch (IOException gone) {
      // So is the other side, soon.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
