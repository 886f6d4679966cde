package dev.meshctl.samples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An HTTP server on the JDK's own, one virtual thread a request; {@code /healthz} says whether it
 * serves.
 */
final class HttpService implements RunningService {
  private static final System.Logger LOG = System.getLogger(HttpService.class.getName());
  private static final int DRAIN_SECONDS = 2;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Handler handler;
  private final Settings settings;
  private volatile boolean draining;

  /** Answers one request. An exception becomes 502: what fails here is a call to someone else. */
  interface Handler {
    Answer answer(String path, TraceContext trace) throws IOException, InterruptedException;
  }

  static {
    // Read once by the JDK's server. Without nodelay the two writes of a response wait for the
    // peer's delayed acknowledgement (40 ms). The server must outlive its clients' idle timeout,
    // or it closes a connection just as a request arrives on it.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("sun.net.httpserver.idleInterval", "3600");
    System.setProperty("sun.net.httpserver.maxIdleConnections", "4096");
  }

  private HttpService(Settings settings, Handler handler) throws IOException {
    this.settings = settings;
    this.handler = handler;
    this.server = HttpServer.create(settings.bind(), 1024);
    server.setExecutor(threads);
    server.createContext("/", this::exchange);
  }

  static HttpService start(Settings settings, Handler handler) throws IOException {
    HttpService service = new HttpService(settings, handler);
    service.server.start();
    return service;
  }

  @Override
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    draining = true;
    server.stop(DRAIN_SECONDS);
    threads.close();
  }

  private void exchange(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().transferTo(java.io.OutputStream.nullOutputStream());
      Answer answer = answer(exchange);
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("content-type", answer.contentType());
      exchange.getResponseHeaders().set("x-served-by", settings.instance());
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(answer.status(), head || body.length == 0 ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  private Answer answer(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/healthz")) {
      return draining
          ? Answer.json(503, "{\"status\":\"draining\"}")
          : Answer.json(200, "{\"status\":\"ok\"}");
    }
    try {
      return handler.answer(path, TraceContext.of(exchange.getRequestHeaders()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answer.json(503, "{\"error\":\"stopping\"}");
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "{0} {1}: {2}", settings.instance(), path, e);
      return Answer.json(502, "{\"error\":" + Json.string(String.valueOf(e.getMessage())) + "}");
    }
  }
}
