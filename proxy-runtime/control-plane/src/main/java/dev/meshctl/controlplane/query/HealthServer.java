package dev.meshctl.controlplane.query;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * Answers {@code GET /healthz/ready}: 200 once ready, 503 before. In the clear, and tells nothing
 * else: a kubelet asks.
 *
 * <p>Thread: a virtual thread a request.
 */
public final class HealthServer implements AutoCloseable {
  private static final String READY = "/healthz/ready";

  private final HttpServer server;
  private final ExecutorService threads;
  private final BooleanSupplier ready;

  private HealthServer(HttpServer server, ExecutorService threads, BooleanSupplier ready) {
    this.server = server;
    this.threads = threads;
    this.ready = ready;
  }

  /**
   * Listens.
   *
   * @throws IOException where the address cannot be bound; the message names it
   */
  public static HealthServer start(InetSocketAddress address, BooleanSupplier ready)
      throws IOException {
    HttpServer server;
    try {
      server = HttpServer.create(address, 0);
    } catch (BindException taken) {
      throw new IOException(
          "health cannot be told at "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + taken.getMessage()
              + "; stop what has the port, or choose another",
          taken);
    }
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("health-", 0).factory());
    HealthServer started = new HealthServer(server, threads, ready);
    server.setExecutor(threads);
    server.createContext("/", started::handle);
    server.start();
    return started;
  }

  public InetSocketAddress address() {
    return server.getAddress();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean known = exchange.getRequestURI().getPath().equals(READY);
      boolean well = known && ready.getAsBoolean();
      byte[] body = (well ? "ready\n" : "not ready\n").getBytes(StandardCharsets.UTF_8);
      int failed = known ? 503 : 404;
      exchange.sendResponseHeaders(well ? 200 : failed, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
