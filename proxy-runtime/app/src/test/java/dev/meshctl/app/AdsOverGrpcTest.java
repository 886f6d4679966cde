package dev.meshctl.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.meshctl.controlplane.serve.PushSettings;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.xdsclient.AdsClient;
import dev.meshctl.xdsclient.ConfigSink;
import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import io.envoyproxy.envoy.service.status.v3.ConfigStatus;
import io.envoyproxy.envoy.type.matcher.v3.NodeMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our client against our server: real gRPC, real mutual TLS, loopback. */
class AdsOverGrpcTest {
  @TempDir Path folder;
  private final List<String> sentNames = new CopyOnWriteArrayList<>();
  private final List<XdsSnapshot> taken = new CopyOnWriteArrayList<>();
  private final List<ConfigSink.Rejection> refuse = new CopyOnWriteArrayList<>();
  private final List<Duration> waits = new CopyOnWriteArrayList<>();
  private final Semaphore steps = new Semaphore(0);
  private final List<AdsClient> clients = new ArrayList<>();
  private ServedSnapshots served;

  @BeforeEach
  void serve() throws Exception {
    served =
        new ServedSnapshots(
            folder,
            InstantSource.system(),
            PushSettings.DEFAULT,
            response -> response.getResourcesList().forEach(r -> sentNames.add(r.getName())));
  }

  @AfterEach
  void stop() throws Exception {
    clients.forEach(AdsClient::close);
    served.close();
  }

  private static ProxyNode node(String namespace, String account) {
    return new ProxyNode(
        "sidecar~127.77.2.1~reviews-0." + namespace + "~" + namespace + ".svc.cluster.local",
        ProxyNode.Role.SIDECAR,
        namespace,
        "reviews",
        "reviews-0",
        account,
        Map.of(),
        new ProxyNode.Capture.Explicit("127.77.2.1", "127.77.1.1", "127.77.17."));
  }

  private AdsClient client(ProxyNode node, Optional<SpiffeId> certificate) throws Exception {
    ManagedChannel channel = served.channel(certificate);
    AdsClient client =
        AdsClient.start(
            new AdsClient.Settings(
                node,
                EnumSet.of(ResourceType.CLUSTER, ResourceType.LISTENER),
                new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), 0),
                Duration.ofSeconds(30)),
            new AdsClient.Surroundings(
                wait -> {
                  waits.add(wait);
                  steps.acquire();
                },
                new Random(42)),
            channel,
            snapshot -> {
              taken.add(snapshot);
              List<ConfigSink.Rejection> answer = List.copyOf(refuse);
              refuse.clear();
              return answer;
            });
    clients.add(client);
    return client;
  }

  private AdsClient reviews() throws Exception {
    return client(
        node("default", "reviews"),
        Optional.of(new SpiffeId("cluster.local", "default", "reviews")));
  }

  private static ClusterConfig cluster(String name, int timeoutSeconds) {
    return new ClusterConfig(
        name,
        new ClusterConfig.Discovery.Eds(name),
        Duration.ofSeconds(timeoutSeconds),
        ClusterConfig.LoadBalancing.LEAST_REQUEST,
        new ClusterConfig.Transport.Plaintext(),
        ClusterConfig.UpstreamProtocol.HTTP1,
        ClusterConfig.CircuitBreakers.DEFAULT,
        Optional.empty(),
        ClusterConfig.ServiceRef.UNKNOWN);
  }

  private void mesh(XdsResource... resources) {
    served.mesh(resources);
  }

  private ProxyView view() {
    List<ProxyView> views = served.sessions().views();
    assertThat(views).hasSize(1);
    return views.getFirst();
  }

  private void awaitState(ProxyView.State state) {
    await()
        .untilAsserted(() -> {
          assertThat(view().state()).isEqualTo(state);
          assertThat(
                  view().types().stream().allMatch(t -> t.sentGeneration() == served.generation())
                      || state != ProxyView.State.SYNCED)
              .isTrue();
        });
  }

  private static LoadAssignment noEndpoints(String name) {
    return new LoadAssignment(name, List.of());
  }

  @Test
  void a_control_plane_that_ends_sends_its_proxies_away_and_they_keep_what_they_have()
      throws Exception {
    mesh(cluster("a", 1));
    reviews();
    await().until(() -> taken.size() == 1);

    served.sessions().sendAway();

    await().until(() -> view().state() == ProxyView.State.DISCONNECTED);
    await().until(() -> waits.size() == 1);
    mesh(cluster("a", 2));
    steps.release();
    await().until(() -> waits.size() == 2);
    assertThat(taken).as("who asks again is sent away again, to another").hasSize(1);
    assertThat(sentNames).doesNotHaveDuplicates();
  }

  @Test
  void a_change_reaches_the_sink_and_unchanged_resources_are_not_sent_again() throws Exception {
    mesh(cluster("a", 1), cluster("b", 1), noEndpoints("a"), noEndpoints("b"));
    reviews();
    awaitState(ProxyView.State.SYNCED);
    assertThat(taken.getLast().of(ResourceType.CLUSTER)).containsOnlyKeys("a", "b");
    assertThat(sentNames).containsExactlyInAnyOrder("a", "b", "a", "b");
    sentNames.clear();

    mesh(cluster("a", 1), cluster("b", 7), noEndpoints("a"), noEndpoints("b"));

    awaitState(ProxyView.State.SYNCED);
    assertThat(taken.getLast().of(ResourceType.CLUSTER)).containsEntry("b", cluster("b", 7));
    assertThat(sentNames).as("the cluster, and its endpoints anew").containsExactly("b", "b");
  }

  @Test
  void a_process_that_was_to_take_anothers_place_and_died_leaves_the_other_one_told()
      throws Exception {
    mesh(cluster("a", 1), noEndpoints("a"));
    reviews();
    awaitState(ProxyView.State.SYNCED);
    AdsClient next = reviews();
    mesh(cluster("a", 2), noEndpoints("a"));
    await("both are told").until(() -> tellings(cluster("a", 2)) >= 2);
    next.close();
    clients.remove(next);

    mesh(cluster("a", 3), noEndpoints("a"));

    await().until(() -> tellings(cluster("a", 3)) >= 1);
    awaitState(ProxyView.State.SYNCED);
  }

  private long tellings(ClusterConfig cluster) {
    return taken.stream()
        .filter(each -> cluster.equals(each.of(ResourceType.CLUSTER).get(cluster.name())))
        .count();
  }

  @Test
  void of_a_route_table_only_the_changed_host_is_sent_and_the_sink_sees_it_whole()
      throws Exception {
    mesh(listener("9080"), table("9080", "a.io", "b.io"));
    client(
        node("default", "reviews").with(ProxyNode.Feature.SPLIT_TABLES),
        Optional.of(new SpiffeId("cluster.local", "default", "reviews")));
    awaitState(ProxyView.State.SYNCED);
    assertThat(taken.getLast().of(ResourceType.ROUTE))
        .containsExactly(Map.entry("9080", table("9080", "a.io", "b.io")));
    sentNames.clear();

    mesh(listener("9080"), table("9080", "a.io", "c.io"));

    await()
        .untilAsserted(() ->
            assertThat(taken.getLast().of(ResourceType.ROUTE))
                .containsExactly(Map.entry("9080", table("9080", "a.io", "c.io"))));
    awaitState(ProxyView.State.SYNCED);
    assertThat(sentNames).containsExactly("9080/host-1");
  }

  private static RouteTableConfig table(String name, String... domains) {
    List<RouteTableConfig.VirtualHost> hosts = new ArrayList<>();
    for (String domain : domains) {
      hosts.add(
          new RouteTableConfig.VirtualHost("host-" + hosts.size(), List.of(domain), List.of()));
    }
    return new RouteTableConfig(name, hosts);
  }

  private static ListenerConfig listener(String table) {
    return new ListenerConfig(
        "l",
        ListenerConfig.Direction.OUTBOUND,
        new SocketEndpoint("127.77.17.1", 9080),
        true,
        false,
        false,
        Duration.ZERO,
        List.of(
            new FilterChain(
                "http",
                FilterChain.ChainMatch.ANY,
                Optional.empty(),
                new NetworkFilter.HttpConnection(
                    "http",
                    NetworkFilter.Codec.AUTO,
                    new NetworkFilter.Routes.Named(table),
                    List.of(),
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    false,
                    NetworkFilter.ForwardClientCert.SANITIZE))),
        Optional.empty());
  }

  @Test
  void a_refused_version_is_reported_and_not_sent_in_a_loop() throws Exception {
    mesh(cluster("a", 1), noEndpoints("a"));
    reviews();
    awaitState(ProxyView.State.SYNCED);
    sentNames.clear();
    refuse.add(new ConfigSink.Rejection(ResourceType.CLUSTER, "a", "not on my watch"));

    mesh(cluster("a", 2), noEndpoints("a"));

    awaitState(ProxyView.State.REJECTED);
    assertThat(view().types().getFirst().error()).isEqualTo("a: not on my watch");
    mesh(cluster("a", 2), cluster("c", 1), noEndpoints("a"), noEndpoints("c"));
    await().until(() -> taken.getLast().of(ResourceType.CLUSTER).containsKey("c"));
    assertThat(sentNames)
        .as("a cluster and its endpoints each")
        .containsExactly("a", "a", "c", "c");
    assertThat(taken.getLast().of(ResourceType.CLUSTER)).containsEntry("a", cluster("a", 1));

    mesh(cluster("a", 3), cluster("c", 1), noEndpoints("a"), noEndpoints("c"));
    awaitState(ProxyView.State.SYNCED);
    assertThat(taken.getLast().of(ResourceType.CLUSTER)).containsEntry("a", cluster("a", 3));
  }

  @Test
  void the_last_configuration_survives_the_server_and_a_new_stream_resumes_where_it_ended()
      throws Exception {
    mesh(cluster("a", 1), cluster("b", 1), noEndpoints("a"), noEndpoints("b"));
    AdsClient client = reviews();
    awaitState(ProxyView.State.SYNCED);
    int before = taken.size();
    sentNames.clear();

    served.kill();
    await().until(() -> waits.size() == 1);
    assertThat(view().state()).isEqualTo(ProxyView.State.DISCONNECTED);
    steps.release();
    await().until(() -> waits.size() == 2);
    steps.release();
    await().until(() -> waits.size() == 3);
    assertThat(waits)
        .containsExactly(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(400));
    assertThat(client.connected()).isFalse();
    assertThat(taken).as("nothing was taken away").hasSize(before);

    served.restart();
    mesh(cluster("a", 1), cluster("b", 9), noEndpoints("a"), noEndpoints("b"));
    steps.release();

    awaitState(ProxyView.State.SYNCED);
    assertThat(taken.getLast().of(ResourceType.CLUSTER)).containsEntry("b", cluster("b", 9));
    assertThat(sentNames).containsExactly("b");
  }

  @Test
  void a_node_of_another_namespace_or_account_than_its_certificate_is_refused() throws Exception {
    mesh(cluster("a", 1), noEndpoints("a"));
    SpiffeId reviews = new SpiffeId("cluster.local", "default", "reviews");

    client(node("payments", "reviews"), Optional.of(reviews));
    await().until(() -> waits.size() == 1);
    client(node("default", "ratings"), Optional.of(reviews));
    await().until(() -> waits.size() == 2);
    client(node("default", "reviews"), Optional.empty());
    await().until(() -> waits.size() == 3);

    assertThat(served.sessions().views()).isEmpty();
    assertThat(sentNames).isEmpty();
    assertThat(taken).isEmpty();
  }

  private ClientStatusResponse statuses(Optional<SpiffeId> certificate, String token)
      throws Exception {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return ClientStatusDiscoveryServiceGrpc.newBlockingStub(served.channel(certificate))
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .fetchClientStatus(
            ClientStatusRequest.newBuilder()
                .addNodeMatchers(
                    NodeMatcher.newBuilder()
                        .setNodeId(StringMatcher.newBuilder().setPrefix("sidecar~")))
                .build());
  }

  @Test
  void client_status_tells_operators_of_every_proxy_and_a_workload_of_its_own() throws Exception {
    mesh(cluster("a", 1), noEndpoints("a"));
    reviews();
    awaitState(ProxyView.State.SYNCED);
    refuse.add(new ConfigSink.Rejection(ResourceType.CLUSTER, "a", "not on my watch"));
    mesh(cluster("a", 2), noEndpoints("a"));
    awaitState(ProxyView.State.REJECTED);

    ClientStatusResponse told = statuses(Optional.empty(), served.operatorToken());

    assertThat(told.getConfigCount()).isEqualTo(1);
    assertThat(told.getConfig(0).getNode().getId()).isEqualTo(node("default", "reviews").id());
    assertThat(told.getConfig(0).getGenericXdsConfigsList())
        .filteredOn(config -> config.getTypeUrl().equals(ResourceType.CLUSTER.typeUrl()))
        .singleElement()
        .satisfies(config -> {
          assertThat(config.getName()).isEqualTo("a");
          assertThat(config.getConfigStatus()).isEqualTo(ConfigStatus.ERROR);
          assertThat(config.getClientStatus()).isEqualTo(ClientResourceStatus.NACKED);
          assertThat(config.getErrorState().getDetails()).contains("not on my watch");
          assertThat(config.getVersionInfo()).isNotEqualTo(config.getErrorState().getVersionInfo());
          assertThat(config.hasXdsConfig()).as("what it holds may be a key").isFalse();
        });
    SpiffeId reviews = new SpiffeId(ServedSnapshots.TRUST_DOMAIN, "default", "reviews");
    SpiffeId other = new SpiffeId(ServedSnapshots.TRUST_DOMAIN, "default", "ratings");
    assertThat(statuses(Optional.of(reviews), "none").getConfigCount()).isEqualTo(1);
    assertThat(statuses(Optional.of(other), "none").getConfigCount()).isZero();
    assertThatThrownBy(() -> statuses(Optional.empty(), "none"))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("UNAUTHENTICATED");
  }
}
