package dev.meshctl.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.meshctl.model.query.CertificatesView;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.MeshEndpoint;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.QueryJson;
import dev.meshctl.model.query.ResourceStatus;
import dev.meshctl.model.query.RuntimeView;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * Answers the query API over real HTTPS on loopback, with a certificate of its own and a token that
 * it insists on. What it answers is set by the test.
 */
final class FakeControlPlane implements AutoCloseable {
  private static final String PASSWORD = "secret";
  private static final String TOKEN = "the-operator";

  private final HttpsServer server;
  private final MeshEndpoint endpoint;
  private final Map<String, String> configs = new ConcurrentHashMap<>();
  private volatile Supplier<MeshStatus> status =
      () -> new MeshStatus("m", "1", "cluster.local", 0, 1, true, Map.of(), List.of(), 0, 0);
  private volatile Supplier<List<ProxyView>> proxies = List::of;

  /** For {@link #runtimes}: no answer. */
  static final RuntimeView AWAY = new RuntimeView(List.of(), List.of(), List.of(), List.of());

  private final Deque<RuntimeView> runtimes = new ConcurrentLinkedDeque<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile CertificatesView certificates =
      new CertificatesView("cluster.local", 0, 0, List.of(), List.of());
  private volatile GraphView graph = new GraphView(0, 10_000, List.of(), List.of());

  private FakeControlPlane(HttpsServer server, MeshEndpoint endpoint) {
    this.server = server;
    this.endpoint = endpoint;
  }

  static FakeControlPlane start(Path folder) throws Exception {
    KeyStore keys = keys(folder);
    Path bundle = folder.resolve("ca.pem");
    Files.writeString(
        bundle,
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(keys.getCertificate("mesh").getEncoded())
            + "\n-----END CERTIFICATE-----\n");
    Path token = folder.resolve("token");
    Files.writeString(token, TOKEN + "\n");
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context(keys)));
    MeshEndpoint endpoint =
        new MeshEndpoint(
            "https://127.0.0.1:" + server.getAddress().getPort(),
            bundle.toString(),
            token.toString());
    FakeControlPlane started = new FakeControlPlane(server, endpoint);
    server.createContext("/", started::handle);
    server.start();
    return started;
  }

  MeshEndpoint endpoint() {
    return endpoint;
  }

  void status(Supplier<MeshStatus> status) {
    this.status = status;
  }

  void proxies(Supplier<List<ProxyView>> proxies) {
    this.proxies = proxies;
  }

  void certificates(CertificatesView certificates) {
    this.certificates = certificates;
  }

  void graph(GraphView graph) {
    this.graph = graph;
  }

  /** Answers in turn; the last one stays. */
  void runtimes(RuntimeView... answers) {
    runtimes.clear();
    runtimes.addAll(List.of(answers));
  }

  private RuntimeView nextRuntimes() {
    return runtimes.size() > 1 ? runtimes.removeFirst() : runtimes.getFirst();
  }

  /** What was asked of runtimes: method, path and body. */
  List<String> asked() {
    return asked;
  }

  void config(String proxy, String kind, String json) {
    configs.put(proxy + "/config/" + kind, json);
  }

  void resources(String proxy, List<ResourceStatus> resources) {
    configs.put(proxy + "/resources", json(resources));
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        send(exchange, 401, "{\"error\":\"token refused\"}");
        return;
      }
      String path = exchange.getRequestURI().getPath().substring("/api/v1/".length());
      switch (path) {
        case "status" -> send(exchange, 200, json(status.get()));
        case "proxies" -> send(exchange, 200, json(proxies.get()));
        case "runtime" -> {
          RuntimeView next = nextRuntimes();
          send(exchange, next == AWAY ? 503 : 200, json(next));
        }
        case "certificates" -> send(exchange, 200, json(certificates));
        case "graph" -> {
          asked.add(
              exchange.getRequestMethod()
                  + " graph "
                  + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          send(exchange, 200, json(graph));
        }
        case "edges" -> send(exchange, 200, "[]");
        case "graph/watch" -> send(exchange, 200, (json(graph) + "\n").repeat(3));
        default -> {
          if (path.startsWith("runtime/")) {
            asked.add(
                exchange.getRequestMethod()
                    + " "
                    + path
                    + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            send(exchange, 200, json(runtimes.getFirst().patches().getLast()));
            return;
          }
          String found =
              path.startsWith("proxies/") ? configs.get(path.substring("proxies/".length())) : null;
          send(exchange, found == null ? 404 : 200, found == null ? "{}" : found);
        }
      }
    }
  }

  private static void send(HttpExchange exchange, int code, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(code, body.length);
    exchange.getResponseBody().write(body);
  }

  private static String json(Object value) {
    return QueryJson.mapper().writeValueAsString(value);
  }

  private static KeyStore keys(Path folder) throws Exception {
    Path file = folder.resolve("server.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "mesh",
                "-keyalg",
                "EC",
                "-dname",
                "CN=test",
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "3650",
                "-keystore",
                file.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool: " + said);
    }
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    return keys;
  }

  private static SSLContext context(KeyStore keys) throws Exception {
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}
