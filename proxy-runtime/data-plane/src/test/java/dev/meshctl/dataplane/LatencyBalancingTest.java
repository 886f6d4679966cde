package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.assignment;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.BalancingOptions.LatencyOptions;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Hosts that are slow, or say that they have enough, over real sockets. */
class LatencyBalancingTest {
  private static final int REQUESTS = 60;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final DataPlane plane = open(DataPlane.start(settings("client", 1), Optional.empty()));

  private <T extends AutoCloseable> T open(T resource) {
    opened.addFirst(resource);
    return resource;
  }

  @AfterEach
  void close() throws Exception {
    end.countDown();
    for (AutoCloseable each : opened) {
      each.close();
    }
    client.close();
  }

  private void accept(LoadBalancing policy, BalancingOptions options, Backend... backends) {
    ClusterConfig plainOne =
        Snapshots.cluster(
            "b",
            new ClusterConfig.Transport.Plaintext(),
            ClusterConfig.UpstreamProtocol.HTTP1,
            assignment(
                "b",
                false,
                List.of(backends).stream()
                    .map(Backend::address)
                    .toArray(dev.meshctl.model.xds.SocketEndpoint[]::new)));
    ClusterConfig cluster =
        new ClusterConfig(
            "b",
            plainOne.discovery(),
            plainOne.connectTimeout(),
            policy,
            plainOne.transport(),
            plainOne.protocol(),
            plainOne.circuitBreakers(),
            Optional.empty(),
            plainOne.service(),
            options);
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes("out", route(RouteAction.Forward.to("b"))),
                    cluster)))
        .isEmpty();
  }

  private HttpResponse<String> get() throws Exception {
    URI uri = URI.create("http:/" + Objects.requireNonNull(plane.listenAddresses().get("out")));
    return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Holds each answer for a while. */
  private boolean waits(HttpExchange exchange) {
    try {
      return end.await(150, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }

  @Test
  void a_slow_host_is_asked_less_often() throws Exception {
    Backend slow = open(new Backend("slow", this::waits));
    Backend fast = open(new Backend("fast"));
    BalancingOptions options =
        new BalancingOptions(
            2,
            BalancingOptions.DEFAULT_RING_SIZE,
            BalancingOptions.MOST_RING_SIZE,
            BalancingOptions.DEFAULT_TABLE_SIZE,
            0,
            true,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(new LatencyOptions(Duration.ofMillis(500), Duration.ofMillis(10), 1e6)));
    accept(LoadBalancing.PEAK_EWMA, options, slow, fast);
    for (int i = 0; i < REQUESTS; i++) {
      assertThat(get().statusCode()).isEqualTo(200);
    }
    // An even share would be half.
    assertThat(slow.requests()).isLessThan(REQUESTS / 4);
    assertThat(fast.requests()).isGreaterThan(REQUESTS / 2);
  }

  @Test
  void a_host_that_has_enough_is_left_alone_as_long_as_it_asks() throws Exception {
    Backend full =
        open(
            new Backend(
                "full",
                exchange -> {
                  exchange.getResponseHeaders().add("retry-after", "20");
                  exchange.sendResponseHeaders(429, -1);
                  return true;
                }));
    Backend free = open(new Backend("free"));
    accept(LoadBalancing.LEAST_REQUEST, BalancingOptions.DEFAULT, full, free);
    int refused = 0;
    for (int i = 0; i < REQUESTS; i++) {
      refused += get().statusCode() == 429 ? 1 : 0;
    }
    // Once it has said so, nobody is sent there while the other is free.
    assertThat(refused).isLessThanOrEqualTo(1);
    assertThat(full.requests()).isEqualTo(refused);
  }
}
