package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.assignment;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.ServiceRef;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.HealthCheck;
import dev.meshctl.model.xds.HealthCheck.Check;
import dev.meshctl.model.xds.HealthCheck.Statuses;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.SocketEndpoint;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Active health checks, over real sockets. */
class HealthCheckTest {
  private final Backend good = new Backend("good");
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final DataPlane plane = DataPlane.start(settings(), Optional.empty());

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

  @AfterEach
  void stop() {
    client.close();
    plane.close();
    good.close();
  }

  private void configure(Check check, SocketEndpoint... endpoints) {
    HealthCheck every =
        new HealthCheck(
            Duration.ofSeconds(2), Duration.ofMillis(20), Duration.ofMillis(5), 2, 2, check);
    ClusterConfig cluster =
        new ClusterConfig(
            "b",
            new Discovery.Static(assignment("b", false, endpoints)),
            Duration.ofSeconds(2),
            LoadBalancing.ROUND_ROBIN,
            new Transport.Plaintext(),
            UpstreamProtocol.HTTP1,
            CircuitBreakers.DEFAULT,
            Optional.empty(),
            ServiceRef.UNKNOWN,
            BalancingOptions.DEFAULT,
            Optional.of(every));
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes("out", route(Forward.to("b"))),
                    cluster)))
        .isEmpty();
  }

  private HttpResponse<String> get() throws Exception {
    return client.send(
        HttpRequest.newBuilder(
                URI.create("http:/" + Objects.requireNonNull(plane.listenAddresses().get("out"))))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String clusters() {
    try {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create("http:/" + plane.adminAddress().orElseThrow() + "/clusters"))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String flagsOf(SocketEndpoint host, String flags) {
    return "b::" + host + "::health_flags::" + flags + "\n";
  }

  @Test
  void a_host_whose_check_fails_gets_no_request_until_it_is_well_again() throws Exception {
    AtomicInteger status = new AtomicInteger(500);
    HttpServer sick =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    sick.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(status.get(), -1);
          exchange.close();
        });
    sick.start();
    try {
      SocketEndpoint at = new SocketEndpoint("127.0.0.1", sick.getAddress().getPort());
      configure(
          new Check.Http("health.example", "/healthz", List.of(new Statuses(200, 300)), false),
          good.address(),
          at);
      await().until(() -> clusters().contains(flagsOf(at, "/failed_active_hc")));
      assertThat(clusters()).contains(flagsOf(good.address(), "healthy"));
      for (int i = 0; i < 10; i++) {
        assertThat(get().body()).isEqualTo("good");
      }
      status.set(204);
      await().until(() -> clusters().contains(flagsOf(at, "healthy")));
      assertThat(List.of(get().statusCode(), get().statusCode()))
          .containsExactlyInAnyOrder(200, 204);
      assertThat(good.seen()).contains("GET /healthz");
    } finally {
      sick.stop(0);
    }
  }

  @Test
  void a_tcp_check_finds_out_who_does_not_listen() throws Exception {
    SocketEndpoint dead;
    try (ServerSocket socket = new ServerSocket(0)) {
      dead = new SocketEndpoint("127.0.0.1", socket.getLocalPort());
    }
    configure(new Check.Tcp(), good.address(), dead);
    await().until(() -> clusters().contains(flagsOf(dead, "/failed_active_hc")));
    for (int i = 0; i < 6; i++) {
      assertThat(get().body()).isEqualTo("good");
    }
  }

  @Test
  void a_grpc_check_asks_the_standard_service() throws Exception {
    AtomicInteger answer = new AtomicInteger(2);
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(GrpcHealth.service(answer))
            .build()
            .start();
    try {
      SocketEndpoint at = new SocketEndpoint("127.0.0.1", server.getPort());
      configure(new Check.Grpc("shop", ""), at);
      await().until(() -> clusters().contains(flagsOf(at, "/failed_active_hc")));
      answer.set(1);
      await().until(() -> clusters().contains(flagsOf(at, "healthy")));
    } finally {
      server.shutdownNow();
    }
  }
}
