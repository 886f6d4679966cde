package dev.meshctl.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.controlplane.serve.PushSettings;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.xdsclient.AdsClient;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our server lends, our client lets go: real gRPC, real time. */
class ResourceTtlOverGrpcTest {
  private static final Duration TTL = Duration.ofSeconds(2);

  @TempDir Path folder;
  private final List<XdsSnapshot> taken = new CopyOnWriteArrayList<>();
  private final List<DeltaDiscoveryResponse> heartbeats = new CopyOnWriteArrayList<>();

  private static ClusterConfig cluster() {
    return new ClusterConfig(
        "a",
        new ClusterConfig.Discovery.Static(new LoadAssignment("a", List.of())),
        Duration.ofSeconds(1),
        ClusterConfig.LoadBalancing.LEAST_REQUEST,
        new ClusterConfig.Transport.Plaintext(),
        ClusterConfig.UpstreamProtocol.HTTP1,
        ClusterConfig.CircuitBreakers.DEFAULT,
        Optional.empty(),
        ClusterConfig.ServiceRef.UNKNOWN);
  }

  private void note(DeltaDiscoveryResponse response) {
    if (response.getResourcesCount() > 0
        && response.getResourcesList().stream().noneMatch(each -> each.hasResource())) {
      heartbeats.add(response);
    }
  }

  private boolean inForce() {
    return taken.getLast().of(ResourceType.CLUSTER).containsKey("a");
  }

  @Test
  void a_lent_cluster_stays_while_the_server_lives_goes_after_it_and_comes_back_with_it()
      throws Exception {
    PushSettings lending = PushSettings.DEFAULT.lending(Map.of(ResourceType.CLUSTER, TTL));
    try (ServedSnapshots served =
            new ServedSnapshots(folder, InstantSource.system(), lending, this::note);
        AdsClient client =
            AdsClient.start(
                new AdsClient.Settings(
                    new ProxyNode(
                        "sidecar~127.77.2.1~reviews-0.default~default.svc.cluster.local",
                        ProxyNode.Role.SIDECAR,
                        "default",
                        "reviews",
                        "reviews-0",
                        "reviews",
                        Map.of(),
                        new ProxyNode.Capture.Transparent("127.77.2.1")),
                    EnumSet.of(ResourceType.CLUSTER, ResourceType.LISTENER),
                    new Backoff(Duration.ofMillis(10), Duration.ofMillis(100), 0),
                    Duration.ofSeconds(30)),
                new AdsClient.Surroundings(Thread::sleep, new Random(42)),
                served.channel(Optional.of(new SpiffeId("cluster.local", "default", "reviews"))),
                snapshot -> {
                  taken.add(snapshot);
                  return List.of();
                })) {
      served.mesh(cluster());
      await().until(() -> !taken.isEmpty() && inForce());
      int changes = taken.size();
      await().until(() -> heartbeats.size() >= 6);
      assertThat(taken).as("more than its time has passed").hasSize(changes);
      assertThat(heartbeats.getLast().getResources(0).getTtl().getSeconds()).isEqualTo(2);
      assertThat(client.connected()).isTrue();

      served.kill();

      await().until(() -> !inForce());

      served.restart();

      await().until(this::inForce);
    }
  }
}
