package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter.HttpConnection;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.Retry.BackoffRange;
import dev.meshctl.model.xds.Retry.ResetHeader;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.Timeouts;
import dev.meshctl.model.xds.route.ValueMatch;
import java.io.IOException;
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
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long things may take, and what is tried again, over real sockets. */
class TimesAndRetriesTest {
  private static final Duration SHORT = Duration.ofMillis(80);
  private static final Duration OFF = Duration.ZERO;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private DataPlane plane;

  @BeforeEach
  void start() {
    plane = DataPlane.start(settings("client", 1), Optional.empty());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    plane.close();
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  /** Takes connections and never says a word. */
  private SocketEndpoint silent() throws IOException {
    ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    opened.add(socket);
    return new SocketEndpoint("127.0.0.1", socket.getLocalPort());
  }

  /** Answers {@code statusAndHeader} one after another, each {@code 503 name value}, then 200. */
  private SocketEndpoint answering(String... statusAndHeader) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.createContext(
        "/",
        exchange -> {
          int at = seen.size();
          seen.add(
              exchange.getRequestHeaders().keySet().toString().toLowerCase(java.util.Locale.ROOT));
          String[] answer =
              at < statusAndHeader.length ? statusAndHeader[at].split(" ") : new String[] {"200"};
          if (answer.length > 1) {
            exchange.getResponseHeaders().add(answer[1], answer[2]);
          }
          exchange.sendResponseHeaders(Integer.parseInt(answer[0]), -1);
          exchange.close();
        });
    server.start();
    opened.add(() -> server.stop(0));
    return new SocketEndpoint("127.0.0.1", server.getAddress().getPort());
  }

  private void configure(Forward to, SocketEndpoint upstream) {
    configure(http("out"), to, upstream);
  }

  private void configure(HttpConnection http, Forward to, SocketEndpoint upstream) {
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http)),
                    Snapshots.routes("out", route(to)),
                    cluster("u", upstream))))
        .isEmpty();
  }

  private static Forward to(Duration timeout, Optional<Retry> retry, Timeouts timeouts) {
    return new Forward(
        List.of(WeightedCluster.only("u")),
        timeout,
        retry,
        Optional.empty(),
        "",
        List.of(),
        Optional.empty(),
        Optional.empty(),
        false,
        List.of(),
        timeouts);
  }

  private static Forward retrying(Retry retry) {
    return to(OFF, Optional.of(retry), Timeouts.NONE);
  }

  private static Retry on(String... conditions) {
    return new Retry(List.of(conditions), 3, OFF);
  }

  private InetSocketAddress at() {
    return Objects.requireNonNull(plane.listenAddresses().get("out"));
  }

  private HttpResponse<String> get(String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http:/" + at() + "/")).timeout(Duration.ofSeconds(10));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private String flags() {
    List<EdgeSample> edges = plane.drainTelemetry();
    assertThat(edges).hasSize(1);
    return edges.getFirst().responses().getFirst().flags();
  }

  @Test
  void a_request_may_name_its_own_timeout() throws Exception {
    configure(to(OFF, Optional.empty(), Timeouts.NONE), silent());
    assertThat(get("x-envoy-upstream-rq-timeout-ms", "80").statusCode()).isEqualTo(504);
    assertThat(flags()).isEqualTo("UT");
  }

  @Test
  void from_outside_nobody_names_timeouts_and_retries() throws Exception {
    plane.close();
    DataPlane.Settings sidecar = settings("edge", 1);
    ProxyNode node = sidecar.node();
    plane =
        DataPlane.start(
            new DataPlane.Settings(
                new ProxyNode(
                    node.id(),
                    ProxyNode.Role.GATEWAY,
                    node.namespace(),
                    node.workload(),
                    node.instance(),
                    node.serviceAccount(),
                    node.labels(),
                    node.capture()),
                sidecar.workerThreads(),
                sidecar.admin(),
                sidecar.dns(),
                sidecar.accessLog(),
                sidecar.drainDeadline()),
            Optional.empty());
    configure(to(OFF, Optional.empty(), Timeouts.NONE), answering("503"));
    assertThat(get("x-envoy-retry-on", "5xx", "x-envoy-max-retries", "3").statusCode())
        .isEqualTo(503);
    assertThat(seen).singleElement().asString().doesNotContain("x-envoy-retry-on");
  }

  @Test
  void a_stream_lives_as_long_as_its_route_lets_it() throws Exception {
    Timeouts life =
        new Timeouts(Optional.empty(), Optional.of(SHORT), Optional.empty(), Optional.empty(), OFF);
    configure(to(OFF, Optional.empty(), life), silent());
    HttpResponse<String> response = get();
    assertThat(response.statusCode()).isEqualTo(408);
    assertThat(response.body()).isEqualTo("downstream duration timeout");
    assertThat(flags()).isEqualTo("DT");
  }

  @Test
  void a_listener_says_how_long_streams_may_live() throws Exception {
    configure(lasting(SHORT, OFF), to(OFF, Optional.empty(), Timeouts.NONE), silent());
    assertThat(get().statusCode()).isEqualTo(408);
  }

  private static HttpConnection lasting(Duration stream, Duration connection) {
    HttpConnection http = http("out");
    return new HttpConnection(
        http.statPrefix(),
        http.codec(),
        http.routes(),
        http.filters(),
        http.streamIdleTimeout(),
        http.requestTimeout(),
        http.idleTimeout(),
        http.accessLog(),
        http.forwardClientCert(),
        stream,
        connection);
  }

  @Test
  void a_connection_is_drained_when_its_time_is_over() throws Exception {
    configure(
        lasting(OFF, Duration.ofMillis(1)),
        to(OFF, Optional.empty(), Timeouts.NONE),
        answering("200"));
    try (Socket socket = new Socket(at().getAddress(), at().getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void a_grpc_client_sets_its_deadline_up_to_what_the_route_allows() throws Exception {
    Timeouts asked =
        new Timeouts(Optional.empty(), Optional.empty(), Optional.of(OFF), Optional.empty(), OFF);
    configure(to(OFF, Optional.empty(), asked), silent());
    HttpResponse<String> late = get("content-type", "application/grpc", "grpc-timeout", "80m");
    assertThat(late.headers().firstValue("grpc-status")).contains("4");
    Timeouts capped =
        new Timeouts(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(SHORT), OFF);
    configure(to(OFF, Optional.empty(), capped), silent());
    HttpResponse<String> cut = get("content-type", "application/grpc", "grpc-timeout", "1H");
    assertThat(cut.headers().firstValue("grpc-status")).contains("14");
  }

  @Test
  void a_route_has_an_idle_timeout_of_its_own() throws Exception {
    Timeouts idle =
        new Timeouts(Optional.of(SHORT), Optional.empty(), Optional.empty(), Optional.empty(), OFF);
    configure(to(OFF, Optional.empty(), idle), silent());
    assertThat(get().statusCode()).isEqualTo(504);
    assertThat(flags()).isEqualTo("SI");
  }

  @Test
  void an_idle_try_is_given_up_and_tried_again() throws Exception {
    Retry idle =
        new Retry(
            List.of("reset"),
            1,
            OFF,
            SHORT,
            Optional.empty(),
            List.of(),
            OFF,
            List.of(),
            List.of());
    configure(retrying(idle), silent());
    assertThat(get().statusCode()).isEqualTo(504);
    assertThat(flags()).isEqualTo("UT");
  }

  @Test
  void a_request_may_ask_for_retries() throws Exception {
    configure(to(OFF, Optional.empty(), Timeouts.NONE), answering("503", "500"));
    assertThat(get("x-envoy-retry-on", "5xx", "x-envoy-max-retries", "2").statusCode())
        .isEqualTo(200);
    assertThat(seen).hasSize(3).allSatisfy(names -> assertThat(names).doesNotContain("x-envoy-"));
  }

  @Test
  void a_response_is_retriable_by_its_headers() throws Exception {
    Retry byHeader =
        new Retry(
            List.of("retriable-headers"),
            3,
            OFF,
            OFF,
            Optional.of(new BackoffRange(Duration.ofMillis(1), Duration.ofMillis(2))),
            List.of(),
            OFF,
            List.of(new HeaderMatch("x-again", new ValueMatch.Present(), false)),
            List.of());
    configure(retrying(byHeader), answering("200 x-again 1", "404 x-again 1", "201"));
    assertThat(get().statusCode()).isEqualTo(201);
    assertThat(seen).hasSize(3);
  }

  @Test
  void only_requests_that_carry_a_header_are_retried_where_that_is_asked() throws Exception {
    Retry some =
        new Retry(
            List.of("5xx"),
            3,
            OFF,
            OFF,
            Optional.empty(),
            List.of(),
            OFF,
            List.of(),
            List.of(new HeaderMatch("x-safe", new ValueMatch.Present(), false)));
    configure(retrying(some), answering("503", "503"));
    assertThat(get().statusCode()).isEqualTo(503);
    assertThat(get("x-safe", "1").statusCode()).isEqualTo(200);
  }

  @Test
  void what_a_rate_limit_refused_is_retried_only_where_that_is_named() throws Exception {
    String limited = "503 x-envoy-ratelimited true";
    configure(retrying(on("5xx")), answering(limited));
    assertThat(get().statusCode()).isEqualTo(503);
    seen.clear();
    configure(retrying(on("envoy-ratelimited")), answering(limited));
    assertThat(get().statusCode()).isEqualTo(200);
  }

  @Test
  void retry_after_is_waited_for() throws Exception {
    Retry polite =
        new Retry(
            List.of("5xx"),
            1,
            OFF,
            OFF,
            Optional.empty(),
            List.of(new ResetHeader("Retry-After", false)),
            Retry.MOST_RESET,
            List.of(),
            List.of());
    configure(retrying(polite), answering("503 retry-after 1"));
    long before = System.nanoTime();
    assertThat(get().statusCode()).isEqualTo(200);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(990));
  }
}
