package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.assignment;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.tcp;
import static dev.meshctl.dataplane.testing.Snapshots.weighted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.HighPriority;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.ServiceRef;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.RouteTableConfig.Steering;
import dev.meshctl.model.xds.SocketEndpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Limits of connections, waiting and requests, over real sockets. */
class CircuitBreakingTest {
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger arrived = new AtomicInteger();
  private final ConcurrentHashMap<InetSocketAddress, Boolean> peers = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final DataPlane plane = DataPlane.start(settings(), Optional.empty());
  private HttpServer slow;

  private static DataPlane.Settings settings() {
    DataPlane.Settings plain = Snapshots.settings("client", 1);
    return new DataPlane.Settings(
        plain.node(),
        plain.workerThreads(),
        Optional.of(ANY_PORT),
        plain.dns(),
        plain.accessLog(),
        plain.drainDeadline());
  }

  @BeforeEach
  void start() throws IOException {
    slow = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    slow.setExecutor(threads);
    slow.createContext(
        "/",
        exchange -> {
          arrived.incrementAndGet();
          peers.put(exchange.getRemoteAddress(), true);
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    slow.start();
  }

  @AfterEach
  void stop() {
    release.countDown();
    client.close();
    plane.close();
    slow.stop(0);
    threads.shutdownNow();
  }

  private void configure(CircuitBreakers limits) {
    SocketEndpoint at = new SocketEndpoint("127.0.0.1", slow.getAddress().getPort());
    ClusterConfig cluster =
        new ClusterConfig(
            "b",
            new Discovery.Static(assignment("b", false, at)),
            Duration.ofSeconds(2),
            LoadBalancing.ROUND_ROBIN,
            new Transport.Plaintext(),
            UpstreamProtocol.HTTP1,
            limits,
            Optional.empty(),
            ServiceRef.UNKNOWN);
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    listener("tcp", Direction.OUTBOUND, ANY_PORT, plain(tcp(weighted("b", 1)))),
                    routes(
                        "out",
                        route("/high", Forward.to("b").steeredBy(new Steering(false, true, false))),
                        route(Forward.to("b"))),
                    cluster)))
        .isEmpty();
  }

  private CompletableFuture<HttpResponse<String>> get() {
    return get("");
  }

  private CompletableFuture<HttpResponse<String>> get(String path) {
    return client.sendAsync(
        HttpRequest.newBuilder(
                URI.create(
                    "http:/" + Objects.requireNonNull(plane.listenAddresses().get("out")) + path))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String stats() {
    try {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create("http:/" + plane.adminAddress().orElseThrow() + "/stats"))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void requests_above_the_connections_wait_and_above_the_pending_are_shed() throws Exception {
    configure(new CircuitBreakers(1, 1, 100, 3));
    CompletableFuture<HttpResponse<String>> first = get();
    await().until(() -> arrived.get() == 1);
    CompletableFuture<HttpResponse<String>> second = get();
    await().until(() -> stats().contains("cluster.b.upstream_rq_pending_active: 1"));
    assertThat(stats())
        .contains("cluster.b.circuit_breakers.default.cx_open: 1")
        .contains("cluster.b.circuit_breakers.default.rq_pending_open: 1");

    HttpResponse<String> third = get().get();

    assertThat(third.statusCode()).isEqualTo(503);
    assertThat(third.body()).contains("overflow");
    release.countDown();
    assertThat(first.get().statusCode()).isEqualTo(204);
    assertThat(second.get().statusCode()).isEqualTo(204);
    assertThat(peers).hasSize(1);
    assertThat(stats())
        .contains("cluster.b.upstream_rq_pending_overflow: 1")
        .contains("cluster.b.upstream_rq_pending_active: 0")
        .contains("cluster.b.circuit_breakers.default.rq_pending_open: 0");
  }

  @Test
  void routes_of_high_priority_have_limits_of_their_own() throws Exception {
    configure(
        new CircuitBreakers(1, 1, 1, 3).withHigh(new HighPriority(2, 2, 2, 3, Optional.empty())));
    CompletableFuture<HttpResponse<String>> first = get();
    await().until(() -> arrived.get() == 1);
    assertThat(get().get().statusCode()).isEqualTo(503);

    CompletableFuture<HttpResponse<String>> high = get("/high");
    CompletableFuture<HttpResponse<String>> higher = get("/high");
    await().until(() -> arrived.get() == 3);
    assertThat(stats())
        .contains("cluster.b.circuit_breakers.default.rq_open: 1")
        .contains("cluster.b.circuit_breakers.high.rq_open: 1");
    assertThat(get("/high").get().statusCode()).isEqualTo(503);
    release.countDown();
    assertThat(first.get().statusCode()).isEqualTo(204);
    assertThat(high.get().statusCode()).isEqualTo(204);
    assertThat(higher.get().statusCode()).isEqualTo(204);
    assertThat(stats())
        .contains("cluster.b.circuit_breakers.default.rq_open: 0")
        .contains("cluster.b.circuit_breakers.high.rq_open: 0");
  }

  @Test
  void requests_above_their_limit_are_shed() throws Exception {
    configure(new CircuitBreakers(100, 100, 2, 3));
    CompletableFuture<HttpResponse<String>> first = get();
    CompletableFuture<HttpResponse<String>> second = get();
    await().until(() -> arrived.get() == 2);
    assertThat(stats()).contains("cluster.b.circuit_breakers.default.rq_open: 1");
    assertThat(get().get().statusCode()).isEqualTo(503);
    release.countDown();
    assertThat(first.get().statusCode()).isEqualTo(204);
    assertThat(second.get().statusCode()).isEqualTo(204);
    assertThat(get().get().statusCode()).isEqualTo(204);
  }

  @Test
  void connections_to_a_host_have_a_limit_of_their_own() throws Exception {
    configure(new CircuitBreakers(100, 100, 100, 3).withHostConnections(1));
    CompletableFuture<HttpResponse<String>> first = get();
    await().until(() -> arrived.get() == 1);
    CompletableFuture<HttpResponse<String>> second = get();
    await().until(() -> stats().contains("cluster.b.upstream_rq_pending_active: 1"));

    // A connection that is passed through counts for the host, too.
    InetSocketAddress at = Objects.requireNonNull(plane.listenAddresses().get("tcp"));
    try (Socket through = new Socket(at.getAddress(), at.getPort())) {
      through.setSoTimeout(10_000);
      assertThat(through.getInputStream().read()).isEqualTo(-1);
    } catch (SocketException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
    assertThat(stats()).contains("cluster.b.upstream_cx_overflow: ");
    release.countDown();
    assertThat(first.get().statusCode()).isEqualTo(204);
    assertThat(second.get().statusCode()).isEqualTo(204);
    assertThat(peers).hasSize(1);
  }
}
