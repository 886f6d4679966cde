package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.route.Fault;
import dev.meshctl.model.xds.route.Header;
import dev.meshctl.model.xds.route.HeaderChanges;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.Mirror;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.PathRewrite;
import dev.meshctl.model.xds.route.RouteMatch;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What routes do to requests, over real sockets. */
class RoutingTest {
  private final Backend backend = new Backend("b");
  private final Backend other = new Backend("other");
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private DataPlane plane;

  @BeforeEach
  void start() {
    plane = DataPlane.start(settings("client", 1), Optional.empty());
  }

  @AfterEach
  void stop() {
    client.close();
    plane.close();
    backend.close();
    other.close();
  }

  private void configure(Route... table) {
    configure(List.of(), table);
  }

  private void configure(List<XdsResource> more, Route... table) {
    List<XdsResource> all =
        new ArrayList<>(
            List.of(
                listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                routes("out", table),
                cluster("b", backend.address()),
                cluster("other", other.address())));
    all.addAll(more);
    assertThat(plane.accept(Snapshots.of(all.toArray(XdsResource[]::new)))).isEmpty();
  }

  private InetSocketAddress at() {
    return Objects.requireNonNull(plane.listenAddresses().get("out"));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http:/" + at() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String flags() {
    List<EdgeSample> edges = plane.drainTelemetry();
    assertThat(edges).hasSize(1);
    return edges.getFirst().responses().getFirst().flags();
  }

  private static Forward forward(String cluster) {
    return Forward.to(cluster);
  }

  private static Forward with(
      Forward from,
      Duration timeout,
      Optional<Retry> retry,
      Optional<PathRewrite> rewrite,
      String host,
      List<Mirror> mirrors,
      Optional<Fault> fault) {
    return new Forward(from.clusters(), timeout, retry, rewrite, host, mirrors, fault);
  }

  @Test
  void no_route_is_404_and_no_cluster_503() throws Exception {
    configure(route("/known", forward("nowhere")));
    assertThat(get("/unknown").statusCode()).isEqualTo(404);
    assertThat(flags()).isEqualTo("NR");
    assertThat(get("/known").statusCode()).isEqualTo(503);
    assertThat(flags()).isEqualTo("NC");
  }

  @Test
  void a_dead_upstream_is_503_with_its_flag() throws Exception {
    SocketEndpoint dead;
    try (ServerSocket socket = new ServerSocket(0)) {
      dead = new SocketEndpoint("127.0.0.1", socket.getLocalPort());
    }
    configure(List.of(cluster("dead", dead)), route(forward("dead")));
    HttpResponse<String> response = get("/");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body()).contains("remote connection failure");
    assertThat(flags()).isEqualTo("UF");
  }

  @Test
  void redirects_and_direct_responses_need_no_upstream() throws Exception {
    configure(
        route("/old", new RouteAction.Redirect("", "new.example", 0, Optional.empty(), 301)),
        route("/hi", new RouteAction.DirectResponse(200, "hello")));
    HttpResponse<String> redirect = get("/old/x?y");
    assertThat(redirect.statusCode()).isEqualTo(301);
    assertThat(redirect.headers().firstValue("location")).contains("http://new.example/old/x?y");
    assertThat(get("/hi").body()).isEqualTo("hello");
  }

  @Test
  void path_host_and_headers_are_rewritten() throws Exception {
    Headers changes =
        new Headers(
            new HeaderChanges(List.of(new Header("x-set", "1")), List.of(), List.of("user-agent")),
            new HeaderChanges(
                List.of(), List.of(new Header("x-added", "2")), List.of("x-backend")));
    Forward to =
        with(
            forward("b"),
            Duration.ZERO,
            Optional.empty(),
            Optional.of(new PathRewrite.Prefix("/headers")),
            "inner.example",
            List.of(),
            Optional.empty());
    configure(
        new Route(
            "rewritten",
            new RouteMatch(new PathMatch.Prefix("/outer"), false, List.of(), List.of()),
            to,
            changes));
    HttpResponse<String> response = get("/outer/1");
    assertThat(response.body())
        .contains("host: inner.example\n")
        .contains("x-set: 1\n")
        .contains("x-envoy-original-path: /outer/1")
        .doesNotContain("user-agent");
    assertThat(response.headers().firstValue("x-added")).contains("2");
    assertThat(response.headers().firstValue("x-backend")).isEmpty();
    assertThat(backend.seen()).containsExactly("GET /headers/1");
  }

  @Test
  void a_retriable_status_is_tried_again_as_often_as_the_route_says() throws Exception {
    Forward to =
        with(
            forward("b"),
            Duration.ZERO,
            Optional.of(new Retry(List.of("5xx"), 2, Duration.ZERO)),
            Optional.empty(),
            "",
            List.of(),
            Optional.empty());
    configure(route(to));
    assertThat(get("/status/503").statusCode()).isEqualTo(503);
    assertThat(backend.requests()).isEqualTo(3);
  }

  @Test
  void a_body_is_sent_again_with_its_retry() throws Exception {
    SocketEndpoint dead;
    try (ServerSocket socket = new ServerSocket(0)) {
      dead = new SocketEndpoint("127.0.0.1", socket.getLocalPort());
    }
    Forward to =
        with(
            forward("mixed"),
            Duration.ZERO,
            Optional.of(new Retry(List.of("connect-failure"), 3, Duration.ZERO)),
            Optional.empty(),
            "",
            List.of(),
            Optional.empty());
    configure(List.of(cluster("mixed", dead, backend.address())), route(to));
    for (int i = 0; i < 10; i++) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create("http:/" + at() + "/echo"))
                  .POST(HttpRequest.BodyPublishers.ofString("payload"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.body()).isEqualTo("payload");
    }
  }

  @Test
  void an_upstream_that_does_not_answer_is_504() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getByName("127.0.0.1"))) {
      Forward to =
          with(
              forward("silent"),
              Duration.ofMillis(200),
              Optional.empty(),
              Optional.empty(),
              "",
              List.of(),
              Optional.empty());
      configure(
          List.of(cluster("silent", new SocketEndpoint("127.0.0.1", silent.getLocalPort()))),
          route(to));
      assertThat(get("/").statusCode()).isEqualTo(504);
      assertThat(flags()).isEqualTo("UT");
    }
  }

  @Test
  void faults_abort_and_delay() throws Exception {
    Forward aborting =
        with(
            forward("b"),
            Duration.ZERO,
            Optional.empty(),
            Optional.empty(),
            "",
            List.of(),
            Optional.of(new Fault(0, Duration.ZERO, 100, 418, -1)));
    Forward delaying =
        with(
            forward("b"),
            Duration.ZERO,
            Optional.empty(),
            Optional.empty(),
            "",
            List.of(),
            Optional.of(new Fault(100, Duration.ofMillis(150), 0, 0, -1)));
    configure(route("/abort", aborting), route("/delay", delaying));
    assertThat(get("/abort").statusCode()).isEqualTo(418);
    assertThat(backend.requests()).isZero();
    long start = System.nanoTime();
    assertThat(get("/delay").statusCode()).isEqualTo(200);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(150));
  }

  @Test
  void a_mirror_gets_a_copy_and_its_answer_is_dropped() throws Exception {
    Forward to =
        with(
            forward("b"),
            Duration.ZERO,
            Optional.empty(),
            Optional.empty(),
            "",
            List.of(new Mirror("other", 100)),
            Optional.empty());
    configure(route(to));
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create("http:/" + at() + "/echo"))
                .POST(HttpRequest.BodyPublishers.ofString("twice"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.body()).isEqualTo("twice");
    assertThat(response.headers().firstValue("x-backend")).contains("b");
    await().until(() -> other.requests() == 1);
  }

  @Test
  void connect_tunnels_bytes_to_the_cluster() throws Exception {
    try (ServerSocket echo = new ServerSocket(0, 8, InetAddress.getByName("127.0.0.1"))) {
      Thread server = Thread.ofVirtual().start(() -> echoOnce(echo));
      configure(
          List.of(cluster("tcp", new SocketEndpoint("127.0.0.1", echo.getLocalPort()))),
          new Route(
              "",
              new RouteMatch(new PathMatch.Connect(), false, List.of(), List.of()),
              new Forward(
                  List.of(WeightedCluster.only("tcp")),
                  Duration.ZERO,
                  Optional.empty(),
                  Optional.empty(),
                  "",
                  List.of(),
                  Optional.empty()),
              Headers.NONE));
      try (Socket socket = new Socket(at().getAddress(), at().getPort())) {
        socket
            .getOutputStream()
            .write("CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\nearly".getBytes());
        InputStream in = socket.getInputStream();
        assertThat(line(in)).isEqualTo("HTTP/1.1 200 OK");
        assertThat(line(in)).isEmpty();
        socket.getOutputStream().write(" late".getBytes());
        socket.shutdownOutput();
        assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII))
            .isEqualTo("early late");
      }
      server.join();
    }
  }

  @Test
  void an_upgrade_turns_the_connection_into_bytes() throws Exception {
    try (ServerSocket web = new ServerSocket(0, 8, InetAddress.getByName("127.0.0.1"))) {
      Thread server =
          Thread.ofVirtual()
              .start(() -> {
                try (Socket socket = web.accept()) {
                  StringBuilder head = new StringBuilder();
                  for (String l = line(socket.getInputStream());
                      !l.isEmpty();
                      l = line(socket.getInputStream())) {
                    head.append(l.toLowerCase(java.util.Locale.ROOT)).append('\n');
                  }
                  boolean asked =
                      head.indexOf("upgrade: websocket\n") >= 0
                          && head.indexOf("connection: upgrade\n") >= 0;
                  socket
                      .getOutputStream()
                      .write(
                          (asked
                                  ? "HTTP/1.1 101 Switching Protocols\r\n"
                                      + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                                  : "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                              .getBytes());
                  socket.getOutputStream().write(socket.getInputStream().readNBytes(4));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      configure(
          List.of(cluster("web", new SocketEndpoint("127.0.0.1", web.getLocalPort()))),
          route(forward("web")));
      try (Socket socket = new Socket(at().getAddress(), at().getPort())) {
        socket
            .getOutputStream()
            .write(
                ("GET /chat HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\n"
                        + "Upgrade: websocket\r\n\r\n")
                    .getBytes());
        InputStream in = socket.getInputStream();
        assertThat(line(in)).isEqualTo("HTTP/1.1 101 Switching Protocols");
        String next = line(in);
        while (!next.isEmpty()) {
          next = line(in);
        }
        socket.getOutputStream().write("ping".getBytes());
        assertThat(new String(in.readNBytes(4), StandardCharsets.US_ASCII)).isEqualTo("ping");
      }
      server.join();
    }
  }

  @Test
  void a_request_under_way_ends_well_while_the_proxy_drains() throws Exception {
    try (ServerSocket slow = new ServerSocket(0, 8, InetAddress.getByName("127.0.0.1"))) {
      configure(
          List.of(cluster("slow", new SocketEndpoint("127.0.0.1", slow.getLocalPort()))),
          route(forward("slow")));
      try (Socket socket = new Socket(at().getAddress(), at().getPort())) {
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes());
        try (Socket upstream = slow.accept()) {
          String head = line(upstream.getInputStream());
          Thread closing = Thread.ofVirtual().start(plane::close);
          await().until(() -> plane.listenAddresses().isEmpty());
          upstream
              .getOutputStream()
              .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes());
          String answer =
              new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
          assertThat(head).isEqualTo("GET / HTTP/1.1");
          assertThat(answer)
              .startsWith("HTTP/1.1 200 OK")
              .contains("connection: close")
              .endsWith("ok");
          closing.join();
        }
      }
    }
  }

  private static void echoOnce(ServerSocket server) {
    try (Socket socket = server.accept()) {
      socket.getOutputStream().write(socket.getInputStream().readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        text.append((char) c);
      }
    }
    return text.toString();
  }
}
