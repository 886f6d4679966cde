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

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.BalancingOptions.SlowStart;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.ServiceRef;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.route.HashPolicy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which host a request goes to, over real sockets. */
class BalancingTest {
  private final List<Backend> backends = Stream.of("a", "b", "c", "d").map(Backend::new).toList();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final DataPlane plane = DataPlane.start(settings("client", 1), Optional.empty());

  @AfterEach
  void stop() {
    client.close();
    plane.close();
    backends.forEach(Backend::close);
  }

  private SocketEndpoint[] addresses() {
    return backends.stream().map(Backend::address).toArray(SocketEndpoint[]::new);
  }

  private static ClusterConfig cluster(
      LoadBalancing policy, BalancingOptions options, LoadAssignment endpoints) {
    return new ClusterConfig(
        "b",
        new Discovery.Static(endpoints),
        Duration.ofSeconds(2),
        policy,
        new Transport.Plaintext(),
        UpstreamProtocol.HTTP1,
        CircuitBreakers.DEFAULT,
        Optional.empty(),
        ServiceRef.UNKNOWN,
        options);
  }

  private void configure(ClusterConfig cluster, HashPolicy... hash) {
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes("out", route(Forward.to("b").hashedBy(hash))),
                    cluster)))
        .isEmpty();
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
            URI.create(
                "http:/" + Objects.requireNonNull(plane.listenAddresses().get("out")) + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @EnumSource(names = {"RING_HASH", "MAGLEV"})
  void a_header_decides_which_host_a_request_sticks_to(LoadBalancing policy) throws Exception {
    configure(
        cluster(policy, BalancingOptions.DEFAULT, assignment("b", false, addresses())),
        new HashPolicy.HeaderValue("x-user", false));
    Set<String> hosts = new HashSet<>();
    for (int user = 0; user < 40; user++) {
      String host = get("/", "x-user", "u" + user).body();
      hosts.add(host);
      assertThat(get("/", "x-user", "u" + user).body()).isEqualTo(host);
    }
    assertThat(hosts).hasSize(4);
  }

  @Test
  void keys_stay_where_they_were_when_a_host_leaves() throws Exception {
    configure(
        cluster(
            LoadBalancing.MAGLEV, BalancingOptions.DEFAULT, assignment("b", false, addresses())),
        new HashPolicy.QueryParameter("id", false));
    Map<Integer, String> before = new HashMap<>();
    for (int id = 0; id < 60; id++) {
      before.put(id, get("/?x=1&id=" + id).body());
    }
    SocketEndpoint[] fewer = {addresses()[0], addresses()[1], addresses()[2]};
    configure(
        cluster(LoadBalancing.MAGLEV, BalancingOptions.DEFAULT, assignment("b", false, fewer)),
        new HashPolicy.QueryParameter("id", false));
    int moved = 0;
    for (int id = 0; id < 60; id++) {
      String host = get("/?x=1&id=" + id).body();
      moved += Set.of("d", host).contains(before.getOrDefault(id, "")) ? 0 : 1;
      assertThat(host).isNotEqualTo("d");
    }
    assertThat(moved).isLessThan(15);
  }

  @Test
  void a_cookie_is_made_where_there_is_none_and_keeps_its_client() throws Exception {
    configure(
        cluster(
            LoadBalancing.RING_HASH, BalancingOptions.DEFAULT, assignment("b", false, addresses())),
        new HashPolicy.Cookie("stick", Optional.of(Duration.ofMinutes(5)), "/", false));
    for (int client = 0; client < 8; client++) {
      HttpResponse<String> first = get("/");
      String cookie = first.headers().firstValue("set-cookie").orElseThrow();
      assertThat(cookie).matches("stick=\"[0-9a-f]{16}\"; Max-Age=300; Path=/; HttpOnly");
      String pair = cookie.substring(0, cookie.indexOf(';'));
      HttpResponse<String> second = get("/", "cookie", "other=1; " + pair);
      assertThat(second.body()).isEqualTo(first.body());
      assertThat(second.headers().firstValue("set-cookie")).isEmpty();
    }
  }

  @Test
  void one_client_address_sticks_to_one_host() throws Exception {
    configure(
        cluster(
            LoadBalancing.RING_HASH, BalancingOptions.DEFAULT, assignment("b", false, addresses())),
        new HashPolicy.HeaderValue("x-absent", true),
        new HashPolicy.SourceIp(false));
    Set<String> hosts = new HashSet<>();
    for (int i = 0; i < 12; i++) {
      hosts.add(get("/").body());
    }
    assertThat(hosts).hasSize(1);
  }

  @Test
  void hosts_that_came_together_share_alike_in_their_slow_start() throws Exception {
    BalancingOptions slow =
        BalancingOptions.DEFAULT.withSlowStart(new SlowStart(Duration.ofHours(1), 1, 1));
    LoadAssignment one = assignment("b", false, addresses()[0]);
    configure(cluster(LoadBalancing.ROUND_ROBIN, BalancingOptions.DEFAULT, one));
    assertThat(get("/").body()).isEqualTo("a");
    LoadAssignment two = assignment("b", false, addresses()[0], addresses()[1]);
    configure(cluster(LoadBalancing.ROUND_ROBIN, slow, two));
    // Both came within the hour: they share alike.
    for (int i = 0; i < 20; i++) {
      get("/");
    }
    assertThat(backends.get(1).requests()).isBetween(5, 15);
  }

  @Test
  void too_few_healthy_hosts_bring_the_others_back() throws Exception {
    LoadAssignment sick =
        new LoadAssignment(
            "b",
            List.of(
                new LocalityEndpoints(
                    Locality.NONE,
                    0,
                    0,
                    List.of(
                        endpoint(0, Health.HEALTHY),
                        endpoint(1, Health.UNHEALTHY),
                        endpoint(2, Health.UNHEALTHY),
                        endpoint(3, Health.UNHEALTHY)))));
    configure(
        cluster(LoadBalancing.ROUND_ROBIN, BalancingOptions.DEFAULT.withPanicPercent(50), sick));
    for (int i = 0; i < 40; i++) {
      get("/");
    }
    assertThat(backends.stream().map(Backend::requests)).allMatch(requests -> requests > 0);
    int before = backends.get(1).requests();
    configure(
        cluster(LoadBalancing.ROUND_ROBIN, BalancingOptions.DEFAULT.withPanicPercent(20), sick));
    for (int i = 0; i < 20; i++) {
      get("/");
    }
    assertThat(backends.get(1).requests()).isEqualTo(before);
  }

  private Endpoint endpoint(int backend, Health health) {
    return new Endpoint(addresses()[backend], health, 1, false, WorkloadRef.UNKNOWN);
  }
}
