package dev.meshctl.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.model.testkit.Judges;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same file, given to a real Envoy and to ours, answers the same. */
class StandaloneAgainstEnvoyTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final PrintStream NOWHERE = new PrintStream(OutputStream.nullOutputStream());

  /** What a client may rely on. */
  private static final List<String> COMPARED =
      List.of("content-type", "content-length", "location", "x-served-by", "x-up");

  @TempDir Path folder = Path.of("");
  private final List<AutoCloseable> undo = new ArrayList<>();
  private int upstream;

  private record Answer(int status, TreeMap<String, List<String>> headers, String body) {}

  private record Question(String method, String path, List<String> headers, String body) {
    static Question get(String path, String... headers) {
      return new Question("GET", path, List.of(headers), "");
    }
  }

  @BeforeEach
  void startUpstream() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String asked =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          String told =
              "%s %s tier=%s body=%s"
                  .formatted(
                      exchange.getRequestMethod(),
                      exchange.getRequestURI(),
                      exchange.getRequestHeaders().getFirst("x-tier"),
                      asked);
          byte[] body = told.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("x-up", "yes");
          exchange.getResponseHeaders().set("content-type", "text/plain");
          exchange.sendResponseHeaders(
              exchange.getRequestURI().getPath().equals("/teapot") ? 418 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    undo.add(() -> server.stop(0));
    upstream = server.getAddress().getPort();
  }

  @AfterEach
  void endAll() throws Exception {
    for (AutoCloseable each : undo.reversed()) {
      each.close();
    }
  }

  @Test
  void a_front_proxy_answers_as_envoy_does() throws Exception {
    compare(
        "front-proxy.yaml",
        "http",
        List.of(
            Question.get("/service/1/a?b=c"),
            Question.get("/service/2"),
            Question.get("/health"),
            Question.get("/old/things?q=1"),
            Question.get("/x", "x-tenant", "gold"),
            Question.get("/x", "x-tenant", "tin"),
            new Question("POST", "/service/2/post", List.of(), "some body")));
  }

  @Test
  void tls_ends_as_it_does_at_envoy() throws Exception {
    writeCertificate();
    compare(
        "tls-termination.yaml",
        "https",
        List.of(
            Question.get("/secure"), new Question("POST", "/teapot", List.of(), "tea, please")));
  }

  @Test
  void tcp_passes_as_through_envoy() throws Exception {
    compare(
        "tcp-proxy.yaml",
        "http",
        List.of(
            Question.get("/any"), new Question("PUT", "/teapot", List.of(), "x".repeat(100_000))));
  }

  @Test
  void an_upstream_in_http2_answers_as_through_envoy() throws Exception {
    int service = ours("http2-service.yaml", 0);
    compare(
        "http2-upstream.yaml",
        service,
        "http",
        List.of(Question.get("/any?x"), new Question("POST", "/teapot", List.of(), "some body")));
  }

  @Test
  void routes_from_a_file_follow_the_file_as_at_envoy() throws Exception {
    Path judge = Judges.envoy();
    Path routes = folder.resolve("routes.yaml");
    Files.writeString(routes, ROUTES.formatted("/a"));
    int envoy = envoy(judge, "watched-routes.yaml", 0);
    int ours = ours("watched-routes.yaml", 0);
    try (HttpClient client = client("http")) {
      Question question = Question.get("/any");
      String before = answer(client, "http", envoy, question).body();
      assertThat(answer(client, "http", ours, question).body()).isEqualTo(before);
      Path next = folder.resolve("next.yaml");
      Files.writeString(next, ROUTES.formatted("/b"));
      Files.move(next, routes, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
      for (int port : new int[] {envoy, ours}) {
        await()
            .atMost(PATIENCE)
            .until(() -> answer(client, "http", port, question).body().contains("GET /b"));
      }
    }
  }

  private static final String ROUTES =
      """
      resources:
      - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
        name: watched
        virtual_hosts:
        - name: all
          domains: ["*"]
          routes: [{match: {prefix: /}, route: {cluster: up, prefix_rewrite: %s}}]
      """;

  private void compare(String sample, String scheme, List<Question> questions) throws Exception {
    compare(sample, 0, scheme, questions);
  }

  private void compare(String sample, int secondUpstream, String scheme, List<Question> questions)
      throws Exception {
    Path judge = Judges.envoy();
    int envoy = envoy(judge, sample, secondUpstream);
    int ours = ours(sample, secondUpstream);
    try (HttpClient client = client(scheme)) {
      for (Question question : questions) {
        assertThat(answer(client, scheme, ours, question))
            .as("%s: %s", sample, question)
            .isEqualTo(answer(client, scheme, envoy, question));
      }
    }
  }

  private static Answer answer(HttpClient client, String scheme, int port, Question question)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(scheme + "://localhost:" + port + question.path()))
            .timeout(PATIENCE)
            .method(
                question.method(),
                question.body().isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(question.body()));
    if (!question.headers().isEmpty()) {
      request.headers(question.headers().toArray(String[]::new));
    }
    HttpResponse<String> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    TreeMap<String, List<String>> headers = new TreeMap<>(response.headers().map());
    headers.keySet().retainAll(COMPARED);
    // Both name the port that was asked.
    headers.computeIfPresent(
        "location",
        (name, values) -> values.stream().map(v -> v.replace(":" + port, ":PORT")).toList());
    return new Answer(response.statusCode(), headers, response.body());
  }

  private HttpClient client(String scheme) throws Exception {
    HttpClient.Builder client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
    if (scheme.equals("https")) {
      KeyStore trust = KeyStore.getInstance(folder.resolve("store.p12").toFile(), PASSWORD);
      TrustManagerFactory managers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      KeyStore anchors = KeyStore.getInstance("PKCS12");
      anchors.load(null, null);
      anchors.setCertificateEntry("server", trust.getCertificate("server"));
      managers.init(anchors);
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, managers.getTrustManagers(), null);
      client.sslContext(tls);
    }
    return client.build();
  }

  // ---- proxies

  private int ours(String sample, int secondUpstream) throws IOException {
    int port = RealEnvoy.freePort();
    Path file = write("ours-" + sample, sample, port, secondUpstream);
    StandaloneProxy proxy =
        StandaloneProxy.start(new StandaloneArguments(file, false, 1, false), NOWHERE);
    undo.add(proxy);
    return port;
  }

  private int envoy(Path judge, String sample, int secondUpstream) throws Exception {
    int port = RealEnvoy.freePort();
    Path file = write("envoy-" + sample, sample, port, secondUpstream);
    undo.add(RealEnvoy.start(judge, file, folder.resolve("envoy.log"), port));
    return port;
  }

  private Path write(String name, String sample, int port, int secondUpstream) throws IOException {
    try (var in = StandaloneAgainstEnvoyTest.class.getResourceAsStream("/standalone/" + sample)) {
      if (in == null) {
        throw new IOException("no sample " + sample);
      }
      String text =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .replace("@PORT@", Integer.toString(port))
              .replace("@UPSTREAM@", Integer.toString(upstream))
              .replace("@UPSTREAM2@", Integer.toString(secondUpstream))
              .replace("@PKI@", folder.toString());
      return Files.writeString(folder.resolve(name), text);
    }
  }

  // ---- certificate

  private static final char[] PASSWORD = "changeit".toCharArray();

  private void writeCertificate() throws Exception {
    Path store = folder.resolve("store.p12");
    java.lang.Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.log").toFile())
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
    X509Certificate certificate = (X509Certificate) keys.getCertificate("server");
    Files.writeString(folder.resolve("cert.pem"), pem("CERTIFICATE", certificate.getEncoded()));
    Files.writeString(
        folder.resolve("key.pem"),
        pem("PRIVATE KEY", keys.getKey("server", PASSWORD).getEncoded()));
  }

  private static String pem(String kind, byte[] der) {
    return "-----BEGIN "
        + kind
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + kind
        + "-----\n";
  }
}
