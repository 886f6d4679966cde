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

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.FailurePercentage;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.LocalOrigin;
import dev.meshctl.model.xds.ClusterConfig.OutlierDetection;
import dev.meshctl.model.xds.ClusterConfig.ServiceRef;
import dev.meshctl.model.xds.ClusterConfig.SuccessRate;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.SocketEndpoint;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Hosts that fail are left out, over real sockets. */
class OutlierTest {
  private static final SuccessRate NO_RATE = SuccessRate.OFF;

  private final Backend good = new Backend("good");
  private final Backend bad = new Backend("bad");
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final DataPlane plane =
      DataPlane.start(Snapshots.settings("client", 1), Optional.empty());

  @AfterEach
  void stop() {
    client.close();
    plane.close();
    good.close();
    bad.close();
  }

  private static OutlierDetection detection(
      int consecutive5xx, LocalOrigin local, FailurePercentage failures) {
    return new OutlierDetection(
        consecutive5xx,
        0,
        Duration.ofMillis(100),
        Duration.ofSeconds(30),
        50,
        Duration.ofSeconds(60),
        local,
        NO_RATE,
        failures);
  }

  private void configure(OutlierDetection detection, SocketEndpoint... endpoints) {
    ClusterConfig cluster =
        new ClusterConfig(
            "b",
            new Discovery.Static(assignment("b", false, endpoints)),
            Duration.ofSeconds(2),
            LoadBalancing.ROUND_ROBIN,
            new Transport.Plaintext(),
            UpstreamProtocol.HTTP1,
            CircuitBreakers.DEFAULT,
            Optional.of(detection),
            ServiceRef.UNKNOWN);
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes("out", route(Forward.to("b"))),
                    cluster)))
        .isEmpty();
  }

  private int get(String path) throws IOException, InterruptedException {
    return client
        .send(
            HttpRequest.newBuilder(
                    URI.create(
                        "http:/"
                            + Objects.requireNonNull(plane.listenAddresses().get("out"))
                            + path))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  @Test
  void who_cannot_be_reached_is_ejected_by_its_own_row_and_503s_do_not_count() throws Exception {
    SocketEndpoint dead;
    try (ServerSocket socket = new ServerSocket(0)) {
      dead = new SocketEndpoint("127.0.0.1", socket.getLocalPort());
    }
    configure(detection(0, new LocalOrigin(true, 2), FailurePercentage.OFF), good.address(), dead);
    // In turns: two of the first four meet the dead one, and after them nobody does.
    for (int i = 0; i < 10; i++) {
      assertThat(get("/status/503")).isEqualTo(503);
    }
    assertThat(good.requests()).isEqualTo(8);
    assertThat(get("/")).isEqualTo(200);
  }

  @Test
  void who_fails_too_large_a_part_of_its_requests_is_ejected() throws Exception {
    // It alone may not be ejected: half of the hosts at most.
    FailurePercentage half = new FailurePercentage(100, 50, 1, 4);
    SocketEndpoint[] both = {good.address(), bad.address()};
    configure(detection(0, LocalOrigin.DEFAULT, half), both);
    for (int i = 0; i < 20; i++) {
      get("/status/500");
    }
    // Both failed, one of them is out at the next check.
    await()
        .until(() -> {
          int first = good.requests();
          int second = bad.requests();
          get("/");
          get("/");
          return good.requests() == first || bad.requests() == second;
        });
  }
}
