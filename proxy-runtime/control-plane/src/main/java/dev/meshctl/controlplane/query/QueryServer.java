package dev.meshctl.controlplane.query;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.meshctl.controlplane.patch.RuntimeDesk;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.identity.TokenVerifier;
import dev.meshctl.identity.Tokens;
import dev.meshctl.model.query.QueryJson;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.net.retry.Pause;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import tools.jackson.core.JacksonException;

/**
 * The HTTPS server of {@code /api/v1}: an operator's bearer token on every request, JSON out. An
 * error is {@code {"error": "…"}} with its status.
 *
 * <p>Thread: a virtual thread a request.
 */
public final class QueryServer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(QueryServer.class.getName());
  private static final String ROOT = "/api/v1/";
  private static final int MAX_WINDOW_SECONDS = 3600;

  /** Of a hundred thousand edges. */
  private static final int MAX_SAMPLES_BYTES = 64 << 20;

  private static final Duration WATCH_INTERVAL = Duration.ofSeconds(1);
  private static final Map<String, ResourceType> CONFIG_TYPES =
      Map.of(
          "listeners", ResourceType.LISTENER,
          "routes", ResourceType.ROUTE,
          "clusters", ResourceType.CLUSTER,
          "endpoints", ResourceType.ENDPOINTS,
          "secrets", ResourceType.SECRET);

  private final HttpsServer server;
  private final ExecutorService threads;
  private final Answers answers;
  private final Tokens tokens;
  private final Pause pause;
  private final Optional<RuntimePaths> runtimes;

  private QueryServer(
      HttpsServer server,
      ExecutorService threads,
      Answers answers,
      Tokens tokens,
      Pause pause,
      Optional<RuntimeDesk> desk) {
    this.runtimes = desk.map(RuntimePaths::new);
    this.server = server;
    this.threads = threads;
    this.answers = answers;
    this.tokens = tokens;
    this.pause = pause;
  }

  /**
   * Listens.
   *
   * @param address port 0 picks one
   * @param identity presented to clients, the newest at each handshake
   * @param desk for runtimes; empty where none are replaced
   * @throws IOException where the address cannot be bound; the message names it
   */
  public static QueryServer start(
      InetSocketAddress address,
      CurrentIdentity identity,
      Tokens tokens,
      Answers answers,
      Pause pause,
      Optional<RuntimeDesk> desk)
      throws IOException {
    HttpsServer server;
    try {
      server = HttpsServer.create(address, 0);
    } catch (BindException taken) {
      throw new IOException(
          "the query API cannot listen at "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + taken.getMessage()
              + "; stop what has the port, or choose another",
          taken);
    }
    server.setHttpsConfigurator(new Tls(context(identity)));
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("query-", 0).factory());
    server.setExecutor(threads);
    QueryServer started = new QueryServer(server, threads, answers, tokens, pause, desk);
    server.createContext("/", started::handle);
    server.start();
    return started;
  }

  public InetSocketAddress address() {
    return server.getAddress();
  }

  /** Breaks off watches. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Optional<String> refusal = refusal(exchange);
      if (refusal.isPresent()) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
        send(exchange, Answer.error(401, refusal.get()));
      } else if (isOfRuntimes(exchange)) {
        send(
            exchange,
            runtimes
                .map(of -> of.answer(exchange, parts(exchange)))
                .orElseGet(() -> Answer.error(404, "this control plane replaces no runtimes")));
      } else if (isGraphOfAll(exchange)) {
        send(exchange, graphOfAll(exchange));
      } else if (!exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET");
        send(exchange, Answer.error(405, exchange.getRequestMethod() + ": only GET is understood"));
      } else if (exchange.getRequestURI().getPath().equals(ROOT + "graph/watch")) {
        watch(exchange);
      } else {
        send(exchange, answerOrBug(exchange));
      }
    } catch (RuntimeException bug) {
      LOG.log(System.Logger.Level.ERROR, "a query failed: " + exchange.getRequestURI(), bug);
      throw bug;
    }
  }

  /** A bug costs its caller an answer, not the connection. */
  private Answer answerOrBug(HttpExchange exchange) {
    try {
      return answer(exchange);
    } catch (RuntimeException bug) {
      LOG.log(System.Logger.Level.ERROR, "a query failed: " + exchange.getRequestURI(), bug);
      return Answer.error(500, "the answer could not be made, which is a bug: " + bug.getMessage());
    }
  }

  private Optional<String> refusal(HttpExchange exchange) {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    if (authorization == null || !authorization.startsWith("Bearer ")) {
      return Optional.of("a bearer token is needed");
    }
    return switch (tokens.verify(
        authorization.substring("Bearer ".length()).strip(), wanted(exchange))) {
      case TokenVerifier.Verdict.Accepted(String subject) ->
          subject.equals(TokenVerifier.OPERATOR)
              ? Optional.empty()
              : Optional.of("sub: " + subject + " (expected: " + TokenVerifier.OPERATOR + ")");
      case TokenVerifier.Verdict.Refused(String reason) -> Optional.of("token refused: " + reason);
    };
  }

  /** It changes nothing: what other replicas measured is handed in, to be drawn with ours. */
  private static boolean isGraphOfAll(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("POST")
        && exchange.getRequestURI().getPath().equals(ROOT + "graph");
  }

  private Answer graphOfAll(HttpExchange exchange) throws IOException {
    Optional<Duration> window = window(exchange);
    if (window.isEmpty()) {
      return badWindow();
    }
    byte[] body = exchange.getRequestBody().readNBytes(MAX_SAMPLES_BYTES + 1);
    if (body.length > MAX_SAMPLES_BYTES) {
      return Answer.error(413, "samples: more than " + MAX_SAMPLES_BYTES + " bytes");
    }
    try {
      EdgeSample[] others = QueryJson.mapper().readValue(body, EdgeSample[].class);
      return Answer.ok(answers.graph(window.get(), List.of(others)));
    } catch (JacksonException | IllegalArgumentException | NullPointerException unreadable) {
      return Answer.error(400, "samples: do not read: " + unreadable.getMessage());
    }
  }

  /** What changes something needs more than what is only told. */
  private static TokenVerifier.Audience wanted(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("GET") || isGraphOfAll(exchange)
        ? TokenVerifier.Audience.QUERY
        : TokenVerifier.Audience.PUSH;
  }

  /** Decoded by element, so that an escaped slash stays within its own. */
  private static String[] parts(HttpExchange exchange) {
    String path = exchange.getRequestURI().getRawPath();
    return path.startsWith(ROOT) ? path.substring(ROOT.length()).split("/", -1) : path.split("");
  }

  private static boolean isOfRuntimes(HttpExchange exchange) {
    return parts(exchange)[0].equals("runtime");
  }

  private Answer answer(HttpExchange exchange) {
    String path = exchange.getRequestURI().getRawPath();
    String[] parts = parts(exchange);
    if (parts.length == 1) {
      switch (parts[0]) {
        case "status":
          return Answer.ok(answers.status());
        case "proxies":
          return Answer.ok(answers.proxies());
        case "certificates":
          return Answer.ok(answers.certificates());
        case "edges":
          return window(exchange)
              .map(w -> Answer.ok(answers.edges(w)))
              .orElseGet(QueryServer::badWindow);
        case "graph":
          return window(exchange)
              .map(w -> Answer.ok(answers.graph(w)))
              .orElseGet(QueryServer::badWindow);
        default:
          break;
      }
    }
    if (parts.length == 4 && parts[0].equals("proxies") && parts[2].equals("config")) {
      return config(URLDecoder.decode(parts[1], StandardCharsets.UTF_8), parts[3]);
    }
    if (parts.length == 3 && parts[0].equals("proxies") && parts[2].equals("resources")) {
      String proxyId = URLDecoder.decode(parts[1], StandardCharsets.UTF_8);
      return answers.resources(proxyId).map(Answer::ok).orElseGet(() -> unknown(proxyId));
    }
    return Answer.error(404, path + ": no such thing here");
  }

  private Answer config(String proxyId, String typeName) {
    ResourceType type = CONFIG_TYPES.get(typeName);
    if (type == null) {
      return Answer.error(
          404,
          typeName + ": no such type (expected: " + String.join(", ", CONFIG_TYPES.keySet()) + ")");
    }
    return answers
        .proxyConfig(proxyId, type)
        .map(json -> new Answer(200, json))
        .orElseGet(() -> unknown(proxyId));
  }

  private static Answer unknown(String proxyId) {
    return Answer.error(404, "no proxy " + proxyId + " is connected");
  }

  private void watch(HttpExchange exchange) throws IOException {
    Optional<Duration> window = window(exchange);
    if (window.isEmpty()) {
      send(exchange, badWindow());
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", "application/x-ndjson");
    exchange.sendResponseHeaders(200, 0);
    OutputStream body = exchange.getResponseBody();
    try {
      while (true) {
        String line = QueryJson.mapper().writeValueAsString(answers.graph(window.get())) + "\n";
        body.write(line.getBytes(StandardCharsets.UTF_8));
        body.flush();
        pause.pause(WATCH_INTERVAL);
      }
    } catch (IOException | UncheckedIOException clientGone) {
      // The way every watch ends.
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  private static Answer badWindow() {
    return Answer.error(400, "windowSeconds: expected 1 to " + MAX_WINDOW_SECONDS);
  }

  /** Empty where it is not a number in range; 10 s where it is not given. */
  private static Optional<Duration> window(HttpExchange exchange) {
    String query = exchange.getRequestURI().getRawQuery();
    if (query == null || !query.startsWith("windowSeconds=")) {
      return Optional.of(Duration.ofSeconds(10));
    }
    try {
      int seconds = Integer.parseInt(query.substring("windowSeconds=".length()));
      return seconds >= 1 && seconds <= MAX_WINDOW_SECONDS
          ? Optional.of(Duration.ofSeconds(seconds))
          : Optional.empty();
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    byte[] body = answer.json().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(answer.status(), body.length);
    exchange.getResponseBody().write(body);
  }

  private static SSLContext context(CurrentIdentity identity) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {identity.keyManager()}, null, null);
      return context;
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException("this JDK has no TLS", broken);
    }
  }

  private static final class Tls extends HttpsConfigurator {
    Tls(SSLContext context) {
      super(context);
    }

    @Override
    public void configure(HttpsParameters parameters) {
      SSLParameters ssl = getSSLContext().getDefaultSSLParameters();
      ssl.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
      parameters.setSSLParameters(ssl);
    }
  }
}
