package dev.meshctl.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.controlplane.serve.PushSettings;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.wire.NodeCodec;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.xdsclient.AdsClient;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One proxy misbehaves, or the server does; the other proxies go on, over real connections. */
class ControlPlaneFaultsTest {
  private static final int PROXIES = 20;

  @TempDir Path folder;
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final List<AdsClient> clients = new ArrayList<>();
  private final List<Taken> taken = new ArrayList<>();
  private volatile Runnable onSent = () -> {};
  private final List<ServedSnapshots> servers = new ArrayList<>();

  /** What a proxy has in force. */
  private static final class Taken {
    private volatile XdsSnapshot snapshot = XdsSnapshot.EMPTY;

    Map<String, XdsResource> clusters() {
      return snapshot.of(ResourceType.CLUSTER);
    }
  }

  private ServedSnapshots serve(PushSettings settings) throws Exception {
    ServedSnapshots served =
        new ServedSnapshots(folder, now::get, settings, response -> onSent.run());
    servers.add(served);
    served.mesh(cluster(1));
    return served;
  }

  @AfterEach
  void stop() throws Exception {
    clients.forEach(AdsClient::close);
    for (ServedSnapshots served : servers) {
      served.close();
    }
  }

  private static ClusterConfig cluster(int mark) {
    return new ClusterConfig(
        "a",
        new ClusterConfig.Discovery.OriginalDestination(),
        Duration.ofSeconds(mark),
        ClusterConfig.LoadBalancing.LEAST_REQUEST,
        new ClusterConfig.Transport.Plaintext(),
        ClusterConfig.UpstreamProtocol.HTTP1,
        ClusterConfig.CircuitBreakers.DEFAULT,
        Optional.empty(),
        ClusterConfig.ServiceRef.UNKNOWN);
  }

  private static ProxyNode node(int number) {
    return new ProxyNode(
        "sidecar~127.77.2." + number + "~app-" + number + ".default~default.svc.cluster.local",
        ProxyNode.Role.SIDECAR,
        "default",
        "app",
        "app-" + number,
        "app",
        Map.of(),
        new ProxyNode.Capture.Explicit("127.77.2.1", "127.77.1.1", "127.77.17."));
  }

  private static SpiffeId identity() {
    return new SpiffeId(ServedSnapshots.TRUST_DOMAIN, "default", "app");
  }

  /** Well-behaved ones; they reconnect at once. */
  private void connectAll(ServedSnapshots served) throws Exception {
    for (int i = 0; i < PROXIES; i++) {
      Taken mine = new Taken();
      taken.add(mine);
      clients.add(
          AdsClient.start(
              new AdsClient.Settings(
                  node(clients.size()),
                  EnumSet.of(ResourceType.CLUSTER, ResourceType.LISTENER),
                  new Backoff(Duration.ofMillis(10), Duration.ofMillis(10), 0),
                  Duration.ofSeconds(30)),
              new AdsClient.Surroundings(Thread::sleep, new Random(i)),
              served.channel(Optional.of(identity())),
              snapshot -> {
                mine.snapshot = snapshot;
                return List.of();
              }));
    }
  }

  private void awaitAllHave(ClusterConfig cluster) {
    await()
        .untilAsserted(() ->
            assertThat(taken)
                .allSatisfy(mine -> assertThat(mine.clusters()).containsValue(cluster)));
  }

  @Test
  void a_server_that_is_killed_in_the_middle_of_a_push_leaves_nobody_behind() throws Exception {
    ServedSnapshots served = serve(PushSettings.DEFAULT);
    connectAll(served);
    awaitAllHave(cluster(1));
    CountDownLatch half = new CountDownLatch(PROXIES / 2);
    onSent = half::countDown;

    served.mesh(cluster(2));
    half.await();
    served.kill();
    assertThat(taken)
        .as("what a proxy has stays, whichever it is")
        .allSatisfy(mine -> assertThat(mine.clusters()).containsKey("a"));
    served.restart();

    awaitAllHave(cluster(2));
  }

  /** One that says what a test lets it say, and reads all it is sent. */
  private static final class OddProxy {
    private final Ears ears = new Ears();
    private final StreamObserver<DeltaDiscoveryRequest> out;

    OddProxy(ServedSnapshots served) throws Exception {
      out =
          AggregatedDiscoveryServiceGrpc.newStub(served.channel(Optional.of(identity())))
              .deltaAggregatedResources(ears);
      out.onNext(
          DeltaDiscoveryRequest.newBuilder()
              .setNode(NodeCodec.encode(node(100)))
              .setTypeUrl(ResourceType.CLUSTER.typeUrl())
              .build());
    }
  }

  private static final class Ears implements StreamObserver<DeltaDiscoveryResponse> {
    private final AtomicInteger heard = new AtomicInteger();
    private final AtomicBoolean ended = new AtomicBoolean();

    @Override
    public void onNext(DeltaDiscoveryResponse response) {
      heard.incrementAndGet();
    }

    @Override
    public void onError(Throwable broken) {
      ended.set(true);
    }

    @Override
    public void onCompleted() {
      ended.set(true);
    }
  }

  @Test
  void a_proxy_that_never_acknowledges_delays_nobody_and_is_sent_one_response() throws Exception {
    ServedSnapshots served = serve(PushSettings.DEFAULT);
    OddProxy silent = new OddProxy(served);
    connectAll(served);
    awaitAllHave(cluster(1));

    for (int mark = 2; mark <= 10; mark++) {
      served.mesh(cluster(mark));
      awaitAllHave(cluster(mark));
    }

    assertThat(silent.ears.heard).hasValue(1);
    assertThat(silent.ears.ended).isFalse();
  }

  @Test
  void bytes_that_nobody_acknowledges_hold_others_up_for_the_patience_only() throws Exception {
    ServedSnapshots served =
        serve(
            new PushSettings(
                Duration.ofMillis(1),
                Duration.ofMillis(1),
                1,
                Duration.ofMillis(50),
                100,
                1000,
                Map.of()));
    OddProxy silent = new OddProxy(served);
    await().until(() -> silent.ears.heard.get() == 1);

    connectAll(served);

    awaitAllHave(cluster(1));
  }

  @Test
  void a_proxy_that_floods_with_requests_is_read_at_a_pace_and_delays_nobody() throws Exception {
    int burst = 50;
    int flood = 5000;
    ServedSnapshots served =
        serve(
            new PushSettings(
                Duration.ofMillis(1),
                Duration.ofMillis(1),
                1 << 20,
                Duration.ofSeconds(5),
                1,
                burst,
                Map.of()));
    OddProxy flooding = new OddProxy(served);
    await().until(() -> flooding.ears.heard.get() == 1);
    for (int i = 0; i < flood; i++) {
      flooding.out.onNext(
          DeltaDiscoveryRequest.newBuilder()
              .setTypeUrl(ResourceType.ENDPOINTS.typeUrl())
              .addResourceNamesSubscribe("name-" + i)
              .build());
    }
    connectAll(served);
    for (int mark = 2; mark <= 10; mark++) {
      served.mesh(cluster(mark));
      awaitAllHave(cluster(mark));
    }

    assertThat(flooding.ears.ended).isFalse();
    assertThat(served.read())
        .filteredOn(request -> request.getTypeUrl().equals(ResourceType.ENDPOINTS.typeUrl()))
        .as("of the flood the burst, and one a second, is even read")
        .hasSizeBetween(burst - 1, burst * 10);
  }

  @Test
  void a_clock_that_jumps_far_ahead_and_back_stops_no_push() throws Exception {
    ServedSnapshots served = serve(PushSettings.DEFAULT);
    connectAll(served);
    awaitAllHave(cluster(1));

    now.set(Instant.EPOCH.plus(Duration.ofDays(36500)));
    served.mesh(cluster(2));
    awaitAllHave(cluster(2));
    now.set(Instant.EPOCH.minus(Duration.ofDays(36500)));
    served.mesh(cluster(3));
    awaitAllHave(cluster(3));

    assertThat(served.sessions().views()).hasSize(PROXIES);
  }
}
