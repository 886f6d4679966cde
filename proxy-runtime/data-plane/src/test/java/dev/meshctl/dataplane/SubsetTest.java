package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static dev.meshctl.dataplane.testing.Snapshots.split;
import static dev.meshctl.dataplane.testing.Snapshots.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.Labels;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.SubsetOptions;
import dev.meshctl.model.xds.SubsetOptions.Fallback;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.Headers;
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

/** Routes and connections that mean some hosts of a cluster, over real sockets. */
class SubsetTest {
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Backend one = open(new Backend("one"));
  private final Backend two = open(new Backend("two"));
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

  private static Labels version(String version) {
    return Labels.of(Map.of("version", version));
  }

  private static Endpoint endpoint(Backend backend, String version) {
    return new Endpoint(
        backend.address(), Health.HEALTHY, 1, false, WorkloadRef.UNKNOWN, "", version(version));
  }

  private ClusterConfig cluster() {
    return new ClusterConfig(
        "b",
        new ClusterConfig.Discovery.Static(
            new LoadAssignment(
                "b",
                List.of(
                    new LocalityEndpoints(
                        Locality.NONE, 0, 0, List.of(endpoint(one, "v1"), endpoint(two, "v2")))))),
        Duration.ofSeconds(2),
        ClusterConfig.LoadBalancing.ROUND_ROBIN,
        new ClusterConfig.Transport.Plaintext(),
        ClusterConfig.UpstreamProtocol.HTTP1,
        ClusterConfig.CircuitBreakers.DEFAULT,
        Optional.empty(),
        ClusterConfig.ServiceRef.UNKNOWN,
        BalancingOptions.DEFAULT.withSubsets(SubsetOptions.by(new Fallback.None(), "version")));
  }

  private static WeightedCluster some(String version, int weight) {
    return new WeightedCluster("b", weight, Headers.NONE, version(version));
  }

  private HttpResponse<String> get(String listener, String path) throws Exception {
    URI uri =
        URI.create("http:/" + Objects.requireNonNull(plane.listenAddresses().get(listener)) + path);
    return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void routes_and_weighted_clusters_choose_hosts_by_labels() throws Exception {
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes(
                        "out",
                        route("/one", split(some("v1", 1))),
                        route("/two", split(some("v2", 1))),
                        route("/both", split(some("v1", 1), some("v2", 1))),
                        route("/", split(some("v9", 1)))),
                    cluster())))
        .isEmpty();
    int both = 0;
    for (int i = 0; i < 60; i++) {
      assertThat(get("out", "/one").body()).isEqualTo("one");
      assertThat(get("out", "/two").body()).isEqualTo("two");
      both += get("out", "/both").body().equals("one") ? 1 : 0;
    }
    assertThat(both).isBetween(10, 50);
    assertThat(get("out", "/nobody").statusCode()).isEqualTo(503);
  }

  @Test
  void connections_choose_hosts_by_labels() throws Exception {
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("tcp", Direction.OUTBOUND, ANY_PORT, plain(tcp(some("v2", 1)))),
                    cluster())))
        .isEmpty();
    for (int i = 0; i < 6; i++) {
      assertThat(get("tcp", "/").body()).isEqualTo("two");
    }
  }
}
