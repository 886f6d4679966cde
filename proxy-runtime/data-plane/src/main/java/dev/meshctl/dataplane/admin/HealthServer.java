package dev.meshctl.dataplane.admin;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.model.xds.SocketEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * Answers {@code GET /healthz/ready} with 200 or 503 and nothing else, so that it may listen where
 * a kubelet reaches it and the admin paths may not.
 *
 * <p>Thread: any.
 */
public final class HealthServer implements AutoCloseable {
  /** The path that is answered. */
  public static final String PATH = "/healthz/ready";

  private static final int BACKLOG = 16;

  private final HttpServer server;
  private final ExecutorService workers;

  private HealthServer(HttpServer server, ExecutorService workers) {
    this.server = server;
    this.workers = workers;
  }

  /**
   * Starts to answer.
   *
   * @param address port 0 picks one
   * @throws IOException where it cannot be bound
   */
  public static HealthServer start(SocketEndpoint address, BooleanSupplier ready)
      throws IOException {
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.ofLiteral(address.address()), address.port()),
            BACKLOG);
    ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(workers);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            boolean asked = exchange.getRequestURI().getPath().equals(PATH);
            exchange.sendResponseHeaders(!asked ? 404 : ready.getAsBoolean() ? 200 : 503, -1);
          }
        });
    server.start();
    return new HealthServer(server, workers);
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
