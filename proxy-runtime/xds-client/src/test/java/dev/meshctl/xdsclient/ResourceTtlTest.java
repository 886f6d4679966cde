package dev.meshctl.xdsclient;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.wire.XdsCodec;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is lent for a time ({@code Resource.ttl}) goes when it is over, unless it is lent anew. */
class ResourceTtlTest {
  private static final ProxyNode NODE =
      new ProxyNode(
          "alone",
          ProxyNode.Role.GATEWAY,
          "default",
          "alone",
          "alone",
          "default",
          Map.of(),
          new ProxyNode.Capture.Edge("0.0.0.0"));
  private static final EnumSet<ResourceType> ALL = EnumSet.allOf(ResourceType.class);

  private final List<XdsSnapshot> taken = new ArrayList<>();
  private long nowNanos = -7;
  private final ConfigProtocol protocol =
      new ConfigProtocol(
          Set.of(ResourceType.CLUSTER),
          XdsSnapshot.EMPTY,
          XdsCodec::decode,
          snapshot -> {
            taken.add(snapshot);
            return List.of();
          },
          () -> nowNanos);
  private final DeltaDialect delta = new DeltaDialect(NODE);
  private final StateDialect state = new StateDialect(NODE, false);
  private int nonces;

  private void pass(int seconds) {
    nowNanos += TimeUnit.SECONDS.toNanos(seconds);
  }

  private Set<String> clusters() {
    return taken.getLast().of(ResourceType.CLUSTER).keySet();
  }

  private static ClusterConfig cluster(String name) {
    return new ClusterConfig(
        name,
        new ClusterConfig.Discovery.Static(new LoadAssignment(name, List.of())),
        java.time.Duration.ofSeconds(1),
        ClusterConfig.LoadBalancing.LEAST_REQUEST,
        new ClusterConfig.Transport.Plaintext(),
        ClusterConfig.UpstreamProtocol.HTTP1,
        ClusterConfig.CircuitBreakers.DEFAULT,
        Optional.empty(),
        ClusterConfig.ServiceRef.UNKNOWN);
  }

  private static Resource lent(XdsResource resource, int seconds) {
    return EncodedResource.of(resource).resource().toBuilder().setTtl(ttl(seconds)).build();
  }

  private static Duration ttl(int seconds) {
    return Duration.newBuilder().setSeconds(seconds).build();
  }

  private static Resource heartbeat(Resource of) {
    return of.toBuilder().clearResource().build();
  }

  private List<DeltaDiscoveryRequest> receive(ResourceType type, Resource... resources) {
    return delta
        .update(
            DeltaDiscoveryResponse.newBuilder()
                .setTypeUrl(type.typeUrl())
                .setNonce("n" + nonces++)
                .addAllResources(List.of(resources))
                .build())
        .map(update -> delta.requests(protocol.update(update)))
        .orElseThrow();
  }

  private void open() {
    delta.begin();
    delta.requests(protocol.open(ALL));
  }

  @Test
  void what_is_not_renewed_is_gone_when_its_time_is_over_and_the_rest_stays() {
    open();
    receive(ResourceType.CLUSTER, lent(cluster("a"), 10), lent(cluster("b"), 20));
    assertThat(protocol.untilExpiryNanos()).hasValue(TimeUnit.SECONDS.toNanos(10));
    pass(9);
    protocol.expire();
    assertThat(taken).hasSize(1);
    pass(1);

    protocol.expire();

    assertThat(clusters()).containsExactly("b");
    assertThat(protocol.untilExpiryNanos()).hasValue(TimeUnit.SECONDS.toNanos(10));
  }

  @Test
  void a_heartbeat_renews_without_a_change_and_is_acknowledged() {
    open();
    Resource a = lent(cluster("a"), 10);
    receive(ResourceType.CLUSTER, a);
    pass(9);

    List<DeltaDiscoveryRequest> answer = receive(ResourceType.CLUSTER, heartbeat(a));

    assertThat(answer).hasSize(1);
    assertThat(answer.getFirst().hasErrorDetail()).isFalse();
    pass(9);
    protocol.expire();
    assertThat(taken).as("nothing was put in force again").hasSize(1);
    pass(1);
    protocol.expire();
    assertThat(clusters()).isEmpty();
  }

  @Test
  void what_comes_again_without_a_time_is_kept() {
    open();
    Resource a = lent(cluster("a"), 10);
    receive(ResourceType.CLUSTER, a);
    receive(ResourceType.CLUSTER, heartbeat(a).toBuilder().clearTtl().build());
    assertThat(protocol.untilExpiryNanos()).isEmpty();
    pass(1000);

    assertThat(protocol.expire()).isEmpty();

    assertThat(clusters()).containsExactly("a");
  }

  @Test
  void a_heartbeat_of_what_is_not_held_is_refused_by_name() {
    open();
    Resource a = lent(cluster("a"), 10);
    receive(ResourceType.CLUSTER, a);
    pass(10);
    protocol.expire();

    List<DeltaDiscoveryRequest> late = receive(ResourceType.CLUSTER, heartbeat(a));

    assertThat(late.getFirst().getErrorDetail().getMessage())
        .startsWith("a: a heartbeat of version ")
        .endsWith("but held is none");
    receive(ResourceType.CLUSTER, a);
    assertThat(clusters()).containsExactly("a");
    Resource other = heartbeat(a).toBuilder().setVersion("other").build();
    assertThat(receive(ResourceType.CLUSTER, other).getFirst().hasErrorDetail()).isTrue();
  }

  @Test
  void a_new_stream_does_not_claim_what_ran_out() {
    open();
    receive(ResourceType.CLUSTER, lent(cluster("a"), 10), lent(cluster("b"), 20));
    pass(10);
    protocol.expire();
    delta.begin();

    List<DeltaDiscoveryRequest> again = delta.requests(protocol.open(ALL));

    assertThat(again.getFirst().getInitialResourceVersionsMap()).containsOnlyKeys("b");
  }

  @Test
  void a_resource_without_content_or_version_is_one_that_there_is_not() {
    open();
    receive(ResourceType.CLUSTER, lent(cluster("a"), 10));

    List<DeltaDiscoveryRequest> answer =
        receive(ResourceType.CLUSTER, Resource.newBuilder().setName("a").build());

    assertThat(answer.getFirst().hasErrorDetail()).isFalse();
    assertThat(clusters()).isEmpty();
  }

  private List<DiscoveryRequest> receiveState(String version, Resource... wrapped) {
    DiscoveryResponse.Builder response =
        DiscoveryResponse.newBuilder()
            .setTypeUrl(ResourceType.CLUSTER.typeUrl())
            .setVersionInfo(version)
            .setNonce("n" + nonces++);
    for (Resource each : wrapped) {
      response.addResources(Any.pack(each));
    }
    return state
        .update(response.build())
        .map(update -> state.requests(protocol.update(update)))
        .orElseThrow();
  }

  @Test
  void in_the_state_of_the_world_mere_heartbeats_take_nothing_away() {
    state.begin();
    state.requests(protocol.open(ALL));
    Resource a = lent(cluster("a"), 10);
    receiveState("1", a, lent(cluster("b"), 100));
    pass(9);

    List<DiscoveryRequest> answer = receiveState("1", heartbeat(a));

    assertThat(answer.getFirst().hasErrorDetail()).isFalse();
    pass(9);
    protocol.expire();
    assertThat(clusters()).containsExactlyInAnyOrder("a", "b");
    pass(1);
    protocol.expire();
    assertThat(clusters()).containsExactly("b");
  }

  @Test
  void in_the_state_of_the_world_a_heartbeat_of_another_version_is_refused() {
    state.begin();
    state.requests(protocol.open(ALL));
    Resource a = lent(cluster("a"), 10);
    receiveState("1", a);

    List<DiscoveryRequest> answer = receiveState("2", heartbeat(a));

    assertThat(answer.getFirst().hasErrorDetail()).isTrue();
    assertThat(answer.getFirst().getVersionInfo()).isEqualTo("1");
  }

  @Test
  void in_the_state_of_the_world_a_new_stream_claims_no_version_of_which_something_ran_out() {
    state.begin();
    state.requests(protocol.open(ALL));
    receiveState("1", lent(cluster("a"), 10), lent(cluster("b"), 100));
    state.begin();
    assertThat(state.requests(protocol.open(ALL)).getFirst().getVersionInfo()).isEqualTo("1");
    pass(10);
    protocol.expire();
    state.begin();

    assertThat(state.requests(protocol.open(ALL)).getFirst().getVersionInfo()).isEmpty();
  }
}
