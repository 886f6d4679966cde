package dev.meshctl.dataplane.admin;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.model.xds.SocketEndpoint;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Serves the admin paths. Whoever reaches it can end the proxy, so it listens on loopback only.
 *
 * <p>Thread: any.
 */
public final class AdminServer implements AutoCloseable {
  private static final int BACKLOG = 16;

  private final HttpServer server;
  private final ExecutorService workers;

  private AdminServer(HttpServer server, ExecutorService workers) {
    this.server = server;
    this.workers = workers;
  }

  /**
   * Starts to serve.
   *
   * @param address of loopback; port 0 picks one
   * @throws IllegalArgumentException where {@code address} is none of loopback
   * @throws IOException where it cannot be bound
   */
  public static AdminServer start(SocketEndpoint address, AdminSource source) throws IOException {
    InetAddress host = InetAddress.ofLiteral(address.address());
    if (!host.isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "admin address: %s (expected: loopback, such as 127.0.0.1:15000)".formatted(address));
    }
    HttpServer server = bind(new InetSocketAddress(host, address.port()));
    ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(workers);
    server.createContext("/", new AdminHandler(AdminPaths.of(source)));
    server.start();
    return new AdminServer(server, workers);
  }

  private static HttpServer bind(InetSocketAddress address) throws IOException {
    try {
      return HttpServer.create(address, BACKLOG);
    } catch (BindException e) {
      BindException named =
          new BindException("admin address %s: %s".formatted(address, e.getMessage()));
      named.initCause(e);
      throw named;
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }
}
