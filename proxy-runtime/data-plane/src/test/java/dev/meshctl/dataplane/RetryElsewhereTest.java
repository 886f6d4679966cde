package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.Labels;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.Retry.Elsewhere;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where retries go, over real sockets. */
class RetryElsewhereTest {
  private static final int REQUESTS = 30;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final DataPlane plane = open(DataPlane.start(settings("client", 1), Optional.empty()));

  private <T extends AutoCloseable> T open(T resource) {
    opened.addFirst(resource);
    return resource;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    client.close();
  }

  private Backend failing(String name) {
    return open(
        new Backend(
            name,
            exchange -> {
              exchange.sendResponseHeaders(503, -1);
              return true;
            }));
  }

  private static LocalityEndpoints hosts(int priority, Endpoint... endpoints) {
    return new LocalityEndpoints(Locality.NONE, priority, 0, List.of(endpoints));
  }

  private static Endpoint host(Backend backend, Labels labels) {
    return new Endpoint(
        backend.address(), Health.HEALTHY, 1, false, WorkloadRef.UNKNOWN, "", labels);
  }

  private void configure(Elsewhere elsewhere, LocalityEndpoints... localities) {
    Forward plainly = Forward.to("b");
    Forward retried =
        new Forward(
            plainly.clusters(),
            plainly.timeout(),
            Optional.of(new Retry(List.of("5xx"), 1, Duration.ZERO).going(elsewhere)),
            plainly.rewrite(),
            plainly.hostRewrite(),
            plainly.mirrors(),
            plainly.fault());
    ClusterConfig cluster =
        new ClusterConfig(
            "b",
            new ClusterConfig.Discovery.Static(new LoadAssignment("b", List.of(localities))),
            Duration.ofSeconds(2),
            ClusterConfig.LoadBalancing.ROUND_ROBIN,
            new ClusterConfig.Transport.Plaintext(),
            ClusterConfig.UpstreamProtocol.HTTP1,
            ClusterConfig.CircuitBreakers.DEFAULT,
            Optional.empty(),
            ClusterConfig.ServiceRef.UNKNOWN);
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes("out", route(retried)),
                    cluster)))
        .isEmpty();
  }

  private int good() throws Exception {
    URI uri = URI.create("http:/" + Objects.requireNonNull(plane.listenAddresses().get("out")));
    int good = 0;
    for (int i = 0; i < REQUESTS; i++) {
      good +=
          client
                      .send(
                          HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                      .statusCode()
                  == 200
              ? 1
              : 0;
    }
    return good;
  }

  @Test
  void canaries_and_hosts_with_some_labels_are_left_out() throws Exception {
    Labels old = Labels.of(Map.of("stage", "old"));
    Backend first = failing("first");
    Backend canary = failing("canary");
    Backend outdated = failing("outdated");
    Backend good = open(new Backend("good"));
    LocalityEndpoints all =
        hosts(
            0,
            host(first, Labels.NONE),
            host(canary, Elsewhere.CANARY),
            host(outdated, old.with(Labels.of(Map.of("version", "v1")))),
            host(good, Labels.NONE));
    configure(new Elsewhere(List.of(Elsewhere.CANARY, old), 0), all);
    // Whoever failed first, the one retry finds the host that is left.
    assertThat(good()).isEqualTo(REQUESTS);
  }

  @Test
  void priorities_that_were_tried_are_left_out() throws Exception {
    Backend first = failing("first");
    Backend second = failing("second");
    Backend far = open(new Backend("far"));
    LocalityEndpoints near = hosts(0, host(first, Labels.NONE), host(second, Labels.NONE));
    LocalityEndpoints last = hosts(1, host(far, Labels.NONE));
    configure(Elsewhere.NONE, near, last);
    assertThat(good()).as("the first priority is well enough to take all").isZero();

    configure(new Elsewhere(List.of(), 1), near, last);
    assertThat(good()).isEqualTo(REQUESTS);
  }
}
