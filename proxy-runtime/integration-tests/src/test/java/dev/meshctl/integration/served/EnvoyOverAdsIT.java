package dev.meshctl.integration.served;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.controlplane.serve.PushSettings;
import dev.meshctl.integration.served.ServedEnvoy.Dialect;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.testkit.TestIdentity;
import dev.meshctl.model.testkit.TranslationScenario;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A real Envoy takes what we serve, live, in both dialects of ADS. */
class EnvoyOverAdsIT {
  /** Within the time of what is lent. */
  private static final int RENEWALS = 3;

  @TempDir static Path folder;
  private static TestIdentity identity;

  @BeforeAll
  static void makeIdentity() throws Exception {
    identity = TestIdentity.create(folder);
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void envoy_takes_what_every_proxy_of_every_folder_is_told_one_after_the_other(Dialect dialect)
      throws Exception {
    List<TranslationScenario> scenarios = new ArrayList<>(TranslationScenario.all());
    scenarios.addAll(TranslationScenario.samples());
    try (SnapshotServer server = new SnapshotServer(identity.certificatePem());
        ServedEnvoy envoy =
            ServedEnvoy.start(folder, "all-" + dialect, dialect, server, identity)) {
      for (TranslationScenario scenario : scenarios) {
        for (Map.Entry<String, XdsSnapshot> told : scenario.everySnapshot().entrySet()) {
          String what = scenario + " told to " + told.getKey();
          XdsSnapshot snapshot = OnLoopback.listening(told.getValue());
          server.publish(snapshot);

          ProxyView view = server.settled("all-" + dialect);
          assertThat(view.state()).as("%s: %s", what, view).isEqualTo(ProxyView.State.SYNCED);
          envoy.listeners(snapshot.of(ResourceType.LISTENER).keySet());
          // Nothing was waited for in vain: a time-out of Envoy's would have hidden it.
          assertThat(envoy.stats("init_fetch_timeout").values())
              .as(what)
              .allMatch(count -> count == 0);
        }
      }

      assertThat(envoy.stats("update_rejected").values())
          .isNotEmpty()
          .allMatch(count -> count == 0);
      assertThat(envoy.stats("unknown_fields|wip_protos|deprecated_feature_use").values())
          .isNotEmpty()
          .allMatch(count -> count == 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void a_listener_whose_port_is_taken_is_refused_once_and_holds_up_nothing_else(Dialect dialect)
      throws Exception {
    String name = "taken-" + dialect;
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
        SnapshotServer server = new SnapshotServer(identity.certificatePem());
        ServedEnvoy envoy = ServedEnvoy.start(folder, name, dialect, server, identity)) {
      ListenerConfig bad = listener("bad", taken.getLocalPort());
      server.publish(snapshot(bad, listener("one", 0), listener("two", 0)));

      ProxyView refused = server.settled(name);
      assertThat(refused.state()).isEqualTo(ProxyView.State.REJECTED);
      assertThat(refused.types().toString()).contains("bad");
      envoy.listeners(Set.of("one", "two"));
      int sent = server.sent().size();
      for (int i = 0; i < 20; i++) {
        // A round trip to its main thread, which would by then have refused any further response.
        envoy.stats("listener_manager");
      }
      assertThat(server.sent()).hasSize(sent);
      assertThat(refusals(envoy)).isEqualTo(1);

      // Others come and go, and the refused one is not brought up again.
      server.publish(snapshot(bad, listener("one", 0)));
      server.settled(name);
      server.publish(snapshot(bad, listener("one", 0), listener("three", 0)));
      envoy.listeners(Set.of("one", "three"));
      assertThat(refusals(envoy)).isEqualTo(1);

      server.publish(snapshot(listener("bad", 0), listener("one", 0), listener("three", 0)));
      assertThat(server.settled(name).state()).isEqualTo(ProxyView.State.SYNCED);
      envoy.listeners(Set.of("bad", "one", "three"));
    }
  }

  /** The time is well above what a busy machine delays a heartbeat by. */
  @ParameterizedTest
  @EnumSource(Dialect.class)
  void what_is_lent_for_a_time_stays_while_it_is_lent_anew_and_goes_when_nobody_does(
      Dialect dialect) throws Exception {
    String name = "lent-" + dialect;
    Duration ttl = Duration.ofSeconds(3);
    PushSettings lending =
        PushSettings.DEFAULT.lending(Map.of(ResourceType.LISTENER, ttl, ResourceType.CLUSTER, ttl));
    try (SnapshotServer server = new SnapshotServer(identity.certificatePem(), lending);
        ServedEnvoy envoy = ServedEnvoy.start(folder, name, dialect, server, identity)) {
      server.publish(snapshot(listener("one", 0)));
      server.settled(name);
      InetSocketAddress where = envoy.listeners(Set.of("one")).get("one");
      long renewals = 3L * RENEWALS;

      await()
          .atMost(ttl.multipliedBy(6))
          .until(() ->
              server.sent().stream().filter(what -> what.startsWith("Listener")).count()
                  > renewals);

      assertThat(envoy.listeners(Set.of("one"))).containsEntry("one", where);
      assertThat(envoy.stats("listener_manager.listener_(added|modified|removed)|cluster_removed"))
          .containsEntry("listener_manager.listener_added", 1L)
          .containsEntry("listener_manager.listener_modified", 0L)
          .containsEntry("listener_manager.listener_removed", 0L)
          .containsEntry("cluster_manager.cluster_removed", 0L);
      assertThat(envoy.stats("update_rejected").values()).allMatch(count -> count == 0);
      server.close();

      await()
          .atMost(ttl.multipliedBy(6))
          .until(() ->
              envoy.stats("listener_manager.listener_removed|cluster_removed").values().stream()
                  .allMatch(count -> count == 1));
    }
  }

  private static long refusals(ServedEnvoy envoy) throws Exception {
    return envoy.stats("listener_manager.lds.update_rejected").values().iterator().next();
  }

  private static XdsSnapshot snapshot(ListenerConfig... listeners) {
    Map<String, XdsResource> byName = new LinkedHashMap<>();
    for (ListenerConfig each : listeners) {
      byName.put(each.name(), each);
    }
    ClusterConfig nowhere =
        new ClusterConfig(
            "nowhere",
            new ClusterConfig.Discovery.Static(new LoadAssignment("nowhere", List.of())),
            Duration.ofSeconds(1),
            ClusterConfig.LoadBalancing.ROUND_ROBIN,
            new ClusterConfig.Transport.Plaintext(),
            ClusterConfig.UpstreamProtocol.HTTP1,
            ClusterConfig.CircuitBreakers.DEFAULT,
            Optional.empty(),
            ClusterConfig.ServiceRef.UNKNOWN);
    return new XdsSnapshot(
        Map.of(
            ResourceType.LISTENER, byName, ResourceType.CLUSTER, Map.of(nowhere.name(), nowhere)));
  }

  private static ListenerConfig listener(String name, int port) {
    NetworkFilter tcp =
        new NetworkFilter.TcpProxy(
            name, List.of(WeightedCluster.only("nowhere")), Duration.ZERO, false);
    return new ListenerConfig(
        name,
        ListenerConfig.Direction.OUTBOUND,
        new SocketEndpoint("127.0.0.1", port),
        true,
        false,
        false,
        Duration.ZERO,
        List.of(new FilterChain("tcp", FilterChain.ChainMatch.ANY, Optional.empty(), tcp)),
        Optional.empty());
  }
}
