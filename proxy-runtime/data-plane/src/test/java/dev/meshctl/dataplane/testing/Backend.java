package dev.meshctl.dataplane.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.meshctl.model.xds.SocketEndpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP/1.1 server that answers with its name; {@code /status/N} answers N, {@code /echo} the
 * body, {@code /headers} the request's headers.
 */
public final class Backend implements AutoCloseable {
  private final HttpServer server;
  private final Before before;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger requests = new AtomicInteger();
  private final List<String> seen = new CopyOnWriteArrayList<>();

  /** Comes before what a backend usually answers. */
  public interface Before {
    /** True where it has answered. */
    boolean answers(HttpExchange exchange) throws IOException;
  }

  public Backend(String name) {
    this(name, exchange -> false);
  }

  public Backend(String name, Before before) {
    this.before = before;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(exchange, name));
    server.start();
  }

  private void answer(HttpExchange exchange, String name) throws IOException {
    requests.incrementAndGet();
    if (before.answers(exchange)) {
      exchange.close();
      return;
    }
    String path = exchange.getRequestURI().toString();
    seen.add(exchange.getRequestMethod() + " " + path);
    byte[] body = exchange.getRequestBody().readAllBytes();
    int status = 200;
    byte[] answer = name.getBytes(StandardCharsets.UTF_8);
    if (path.startsWith("/status/")) {
      status = Integer.parseInt(path.substring("/status/".length()));
    } else if (path.startsWith("/echo")) {
      answer = body;
    } else if (path.startsWith("/headers")) {
      StringBuilder text = new StringBuilder();
      exchange
          .getRequestHeaders()
          .forEach((key, values) ->
              values.forEach(value ->
                  text.append(key.toLowerCase(java.util.Locale.ROOT))
                      .append(": ")
                      .append(value)
                      .append('\n')));
      answer = text.toString().getBytes(StandardCharsets.UTF_8);
    }
    exchange.getResponseHeaders().add("x-backend", name);
    exchange.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
    if (answer.length > 0) {
      exchange.getResponseBody().write(answer);
    }
    exchange.close();
  }

  public SocketEndpoint address() {
    return new SocketEndpoint("127.0.0.1", server.getAddress().getPort());
  }

  public int requests() {
    return requests.get();
  }

  /** Method and path of each request. */
  public List<String> seen() {
    return List.copyOf(seen);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
