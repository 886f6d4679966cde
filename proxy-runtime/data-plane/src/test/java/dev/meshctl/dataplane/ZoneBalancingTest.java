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
import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.BalancingOptions.ZoneAware;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.ServiceRef;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.Home;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.OverloadConfig;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.SocketEndpoint;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Localities and priorities, over real sockets. */
class ZoneBalancingTest {
  private static final Locality NEAR = new Locality("r", "near", "");
  private static final Locality FAR = new Locality("r", "far", "");

  private final Backend near = new Backend("near");
  private final Backend far = new Backend("far");
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final DataPlane plane =
      DataPlane.start(
          new DataPlane.Settings(
              settings("client", 1).node(),
              1,
              Optional.empty(),
              Optional.empty(),
              "",
              Duration.ofSeconds(2),
              OverloadConfig.DEFAULT,
              new Home(NEAR, "own")),
          Optional.empty());

  @AfterEach
  void stop() {
    client.close();
    plane.close();
    near.close();
    far.close();
  }

  private static LocalityEndpoints group(
      Locality locality, int priority, int weight, Health health, SocketEndpoint... addresses) {
    return new LocalityEndpoints(
        locality,
        priority,
        weight,
        List.of(addresses).stream()
            .map(address -> new Endpoint(address, health, 1, false, WorkloadRef.UNKNOWN))
            .toList());
  }

  private static ClusterConfig cluster(
      String name, BalancingOptions options, LocalityEndpoints... groups) {
    return new ClusterConfig(
        name,
        new Discovery.Static(new LoadAssignment(name, List.of(groups))),
        Duration.ofSeconds(2),
        LoadBalancing.RANDOM,
        new Transport.Plaintext(),
        UpstreamProtocol.HTTP1,
        CircuitBreakers.DEFAULT,
        Optional.empty(),
        ServiceRef.UNKNOWN,
        options);
  }

  /** Answers of a hundred requests by backend. */
  private Map<String, Integer> answers(ClusterConfig to, ClusterConfig own) throws Exception {
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes("out", route(Forward.to("b"))),
                    to,
                    own)))
        .isEmpty();
    URI uri =
        URI.create("http:/" + Objects.requireNonNull(plane.listenAddresses().get("out")) + "/");
    Map<String, Integer> answers = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      HttpResponse<String> response =
          client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
      answers.merge(response.statusCode() == 200 ? response.body() : "failed", 1, Integer::sum);
    }
    return answers;
  }

  private static ClusterConfig own(int nearBy, int farAway) {
    return cluster(
        "own",
        BalancingOptions.DEFAULT,
        group(NEAR, 0, 0, Health.HEALTHY, proxies(10, nearBy)),
        group(FAR, 0, 0, Health.HEALTHY, proxies(20, farAway)));
  }

  private static SocketEndpoint[] proxies(int from, int count) {
    SocketEndpoint[] proxies = new SocketEndpoint[count];
    for (int i = 0; i < count; i++) {
      proxies[i] = new SocketEndpoint("10.0.0." + (from + i), 80);
    }
    return proxies;
  }

  @Test
  void the_own_zone_answers_as_far_as_its_hosts_reach() throws Exception {
    ClusterConfig to =
        cluster(
            "b",
            BalancingOptions.DEFAULT.withZoneAware(new ZoneAware(100, 2, false)),
            group(NEAR, 0, 0, Health.HEALTHY, near.address()),
            group(FAR, 0, 0, Health.HEALTHY, far.address()));

    assertThat(answers(to, own(2, 2))).containsOnlyKeys("near");
    // Three of four proxies stand near, and half of the hosts: a third of theirs goes away.
    assertThat(answers(to, own(3, 1)).getOrDefault("far", 0)).isBetween(13, 55);
  }

  @Test
  void the_next_priority_answers_when_the_first_is_unwell() throws Exception {
    BalancingOptions plain = BalancingOptions.DEFAULT;
    ClusterConfig well =
        cluster(
            "b",
            plain,
            group(NEAR, 0, 0, Health.HEALTHY, near.address()),
            group(FAR, 1, 0, Health.HEALTHY, far.address()));
    ClusterConfig unwell =
        cluster(
            "b",
            plain,
            group(NEAR, 0, 0, Health.UNHEALTHY, near.address()),
            group(FAR, 1, 0, Health.HEALTHY, far.address()));

    assertThat(answers(well, own(1, 1))).containsOnlyKeys("near");
    assertThat(answers(unwell, own(1, 1))).containsOnlyKeys("far");
    assertThat(answers(well, own(1, 1))).containsOnlyKeys("near");
  }

  @Test
  void localities_share_by_their_weights() throws Exception {
    ClusterConfig to =
        cluster(
            "b",
            BalancingOptions.DEFAULT,
            group(NEAR, 0, 80, Health.HEALTHY, near.address()),
            group(FAR, 0, 20, Health.HEALTHY, far.address()));

    assertThat(answers(to, own(1, 1)).getOrDefault("near", 0)).isBetween(60, 97);
  }
}
