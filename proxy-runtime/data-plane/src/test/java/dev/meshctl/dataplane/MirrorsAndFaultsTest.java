package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static dev.meshctl.dataplane.testing.Snapshots.tcp;
import static dev.meshctl.dataplane.testing.Snapshots.weighted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.route.Fault;
import dev.meshctl.model.xds.route.HostFrom;
import dev.meshctl.model.xds.route.Mirror;
import dev.meshctl.model.xds.route.Timeouts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Mirrors, faults by request, names of endpoints, and splits of connections, over real sockets. */
class MirrorsAndFaultsTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final Backend main = new Backend("b");
  private final Backend one = new Backend("one");
  private final Backend two = new Backend("two");
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final DataPlane plane = DataPlane.start(settings("client", 1), Optional.empty());

  @AfterEach
  void stop() {
    client.close();
    plane.close();
    main.close();
    one.close();
    two.close();
  }

  private static Forward to(List<Mirror> mirrors, Optional<Fault> fault, Optional<HostFrom> host) {
    Forward plain = Forward.to("b");
    return new Forward(
        plain.clusters(),
        LONG,
        plain.retry(),
        plain.rewrite(),
        "",
        mirrors,
        fault,
        host,
        false,
        List.of(),
        Timeouts.NONE);
  }

  private void configure(List<XdsResource> clusters, Route... table) {
    List<XdsResource> all = new ArrayList<>(clusters);
    all.add(listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))));
    all.add(routes("out", table));
    all.add(cluster("one", one.address()));
    all.add(cluster("two", two.address()));
    assertThat(plane.accept(Snapshots.of(all.toArray(XdsResource[]::new)))).isEmpty();
  }

  private InetSocketAddress at() {
    return Objects.requireNonNull(plane.listenAddresses().get("out"));
  }

  private CompletableFuture<HttpResponse<String>> get(String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http:/" + at() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void each_mirror_gets_its_own_share() throws Exception {
    configure(
        List.of(cluster("b", main.address())),
        route(
            to(
                List.of(new Mirror("one", 100), new Mirror("two", 25), new Mirror("one", 0)),
                Optional.empty(),
                Optional.empty())));
    for (int i = 0; i < 200; i++) {
      assertThat(get("/").get().body()).isEqualTo("b");
    }
    await().until(() -> one.requests() == 200);
    // Five standard deviations around 50.
    await().until(() -> two.requests() >= 19);
    assertThat(two.requests()).isLessThanOrEqualTo(81);
  }

  @Test
  void the_host_of_a_mirrored_request_is_marked_unless_it_shall_stay() throws Exception {
    List<String> hosts = new CopyOnWriteArrayList<>();
    HttpServer mirror =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    mirror.setExecutor(threads);
    mirror.createContext(
        "/",
        exchange -> {
          hosts.add(String.valueOf(exchange.getRequestHeaders().getFirst("host")));
          exchange.sendResponseHeaders(500, -1);
          exchange.close();
        });
    mirror.start();
    try {
      SocketEndpoint there = new SocketEndpoint("127.0.0.1", mirror.getAddress().getPort());
      List<XdsResource> clusters = List.of(cluster("b", main.address()), cluster("m", there));
      configure(
          clusters,
          route(
              "/keeps",
              to(List.of(new Mirror("m", 100, true)), Optional.empty(), Optional.empty())),
          route(to(List.of(new Mirror("m", 100)), Optional.empty(), Optional.empty())));
      assertThat(get("/keeps").get().statusCode()).isEqualTo(200);
      await().until(() -> hosts.size() == 1);
      assertThat(get("/").get().statusCode()).isEqualTo(200);
      await().until(() -> hosts.size() == 2);
      assertThat(hosts)
          .containsExactly("127.0.0.1:" + at().getPort(), "127.0.0.1-shadow:" + at().getPort());
    } finally {
      mirror.stop(0);
      threads.shutdownNow();
    }
  }

  @Test
  void requests_name_their_own_faults_where_the_route_lets_them() throws Exception {
    Fault named = new Fault(100, Duration.ZERO, 100, 0, -1, true, true, Optional.empty());
    configure(
        List.of(cluster("b", main.address())),
        route(to(List.of(), Optional.of(named), Optional.empty())));

    assertThat(get("/").get().statusCode()).isEqualTo(200);
    assertThat(get("/", "x-envoy-fault-abort-request", "503").get().statusCode()).isEqualTo(503);
    assertThat(
            get(
                    "/",
                    "x-envoy-fault-abort-request",
                    "503",
                    "x-envoy-fault-abort-request-percentage",
                    "0")
                .get()
                .statusCode())
        .isEqualTo(200);
    HttpResponse<String> grpc =
        get("/", "content-type", "application/grpc", "x-envoy-fault-abort-grpc-request", "14")
            .get();
    assertThat(grpc.headers().firstValue("grpc-status")).contains("14");
    assertThat(get("/", "x-envoy-fault-abort-grpc-request", "14").get().statusCode())
        .isEqualTo(503);
    long start = System.nanoTime();
    assertThat(get("/", "x-envoy-fault-delay-request", "120").get().statusCode()).isEqualTo(200);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(120));
  }

  @Test
  void a_route_aborts_with_a_grpc_status() throws Exception {
    configure(
        List.of(cluster("b", main.address())),
        route(
            to(List.of(), Optional.of(new Fault(0, Duration.ZERO, 100, 0, 7)), Optional.empty())));

    HttpResponse<String> answer = get("/", "content-type", "application/grpc").get();
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("grpc-status")).contains("7");
    assertThat(get("/").get().statusCode()).isEqualTo(403);
    assertThat(main.requests()).isZero();
  }

  @Test
  void faults_hold_no_more_requests_than_they_may() throws Exception {
    Fault held = new Fault(100, LONG, 0, 0, -1, false, false, Optional.of(1));
    configure(
        List.of(cluster("b", main.address())),
        route(to(List.of(), Optional.of(held), Optional.empty())));
    try (Socket first = new Socket(at().getAddress(), at().getPort())) {
      first
          .getOutputStream()
          .write("GET /first HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      // Either is held while the other passes: the first as soon as it is there.
      CompletableFuture<HttpResponse<String>> second = get("/second");
      await().until(() -> main.requests() == 1);
      second.cancel(true);
    }
  }

  @Test
  void the_endpoint_gives_the_authority_its_name() throws Exception {
    LoadAssignment named =
        new LoadAssignment(
            "b",
            List.of(
                new LocalityEndpoints(
                    Locality.NONE,
                    0,
                    0,
                    List.of(
                        new Endpoint(
                            main.address(),
                            Health.HEALTHY,
                            1,
                            false,
                            WorkloadRef.UNKNOWN,
                            "db.example")))));
    configure(
        List.of(cluster("b", new Transport.Plaintext(), UpstreamProtocol.HTTP1, named)),
        route(to(List.of(), Optional.empty(), Optional.of(new HostFrom.Upstream()))));

    assertThat(get("/headers").get().body()).contains("host: db.example\n");
  }

  @Test
  void connections_are_split_by_weight() throws Exception {
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener(
                        "out",
                        Direction.OUTBOUND,
                        ANY_PORT,
                        plain(tcp(weighted("one", 75), weighted("two", 25), weighted("b", 0)))),
                    cluster("one", one.address()),
                    cluster("two", two.address()),
                    cluster("b", main.address()))))
        .isEmpty();
    int connections = 400;
    for (int i = 0; i < connections; i++) {
      exchange();
    }
    // Five standard deviations around 300.
    assertThat(one.requests()).isBetween(256, 344);
    assertThat(two.requests()).isEqualTo(connections - one.requests());
    assertThat(main.requests()).isZero();
  }

  private void exchange() throws IOException {
    try (Socket socket = new Socket(at().getAddress(), at().getPort())) {
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 200");
    }
  }
}
