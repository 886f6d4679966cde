package dev.meshctl.xdsclient;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.wire.XdsCodec;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RuntimeOrder;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.SplitRouteTable;
import dev.meshctl.model.xds.VirtualHostConfig;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The client's protocol, message by message, with a sink that records. */
class AdsProtocolTest {
  private final List<XdsSnapshot> taken = new ArrayList<>();
  private final List<ConfigSink.Rejection> refuse = new ArrayList<>();
  private Delta protocol = taking(EnumSet.of(ResourceType.CLUSTER, ResourceType.LISTENER));

  private Delta taking(Set<ResourceType> wildcards) {
    return new Delta(
        new ProxyNode(
            "sidecar~127.77.2.1~reviews-0.default~default.svc.cluster.local",
            ProxyNode.Role.SIDECAR,
            "default",
            "reviews",
            "reviews-0",
            "reviews",
            Map.of(),
            new ProxyNode.Capture.Explicit("127.77.2.1", "127.77.1.1", "127.77.17.")),
        wildcards,
        new Sink());
  }

  private int nonces;

  private final List<String> told = new ArrayList<>();

  private final class Sink implements ConfigSink {
    @Override
    public List<Rejection> accept(XdsSnapshot snapshot) {
      taken.add(snapshot);
      List<Rejection> answer = List.copyOf(refuse);
      refuse.clear();
      return answer;
    }

    @Override
    public void unreadable(Rejection rejection, String version) {
      told.add("unreadable " + rejection.name() + " " + version);
    }

    @Override
    public void mended(ResourceType type, String name) {
      told.add("mended " + name);
    }
  }

  /** The protocol, spoken in the incremental dialect. */
  private static final class Delta {
    private final ConfigProtocol protocol;
    private final DeltaDialect dialect;

    Delta(ProxyNode node, Set<ResourceType> wildcards, ConfigSink sink) {
      protocol = new ConfigProtocol(wildcards, XdsSnapshot.EMPTY, XdsCodec::decode, sink, () -> 0);
      dialect = new DeltaDialect(node);
    }

    List<DeltaDiscoveryRequest> open() {
      dialect.begin();
      return dialect.requests(protocol.open(EnumSet.allOf(ResourceType.class)));
    }

    List<DeltaDiscoveryRequest> response(DeltaDiscoveryResponse response) {
      return dialect
          .update(response)
          .map(update -> dialect.requests(protocol.update(update)))
          .orElse(List.of());
    }

    List<DeltaDiscoveryRequest> giveUpWaiting() {
      return dialect.requests(protocol.giveUpWaiting());
    }

    boolean warming() {
      return protocol.warming();
    }
  }

  private static ClusterConfig cluster(String name) {
    return new ClusterConfig(
        name,
        new ClusterConfig.Discovery.Eds(name),
        Duration.ofSeconds(1),
        ClusterConfig.LoadBalancing.LEAST_REQUEST,
        new ClusterConfig.Transport.Plaintext(),
        ClusterConfig.UpstreamProtocol.HTTP1,
        ClusterConfig.CircuitBreakers.DEFAULT,
        Optional.empty(),
        ClusterConfig.ServiceRef.UNKNOWN);
  }

  private static ListenerConfig listener(String name, String route, Optional<DownstreamTls> tls) {
    return new ListenerConfig(
        name,
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
                tls,
                new NetworkFilter.HttpConnection(
                    "http",
                    NetworkFilter.Codec.AUTO,
                    new NetworkFilter.Routes.Named(route),
                    List.of(),
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    false,
                    NetworkFilter.ForwardClientCert.SANITIZE))),
        Optional.empty());
  }

  private static LoadAssignment endpoints(String name) {
    return new LoadAssignment(name, List.of());
  }

  private static RouteTableConfig route(String name) {
    return new RouteTableConfig(name, List.of());
  }

  private List<DeltaDiscoveryRequest> receive(ResourceType type, XdsResource... resources) {
    return receive(type, List.of(), resources);
  }

  private List<DeltaDiscoveryRequest> receive(
      ResourceType type, List<String> removed, XdsResource... resources) {
    DeltaDiscoveryResponse.Builder response =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setNonce("n" + nonces++)
            .addAllRemovedResources(removed);
    for (XdsResource r : resources) {
      EncodedResource encoded = EncodedResource.of(r);
      response.addResources(
          Resource.newBuilder()
              .setName(encoded.name())
              .setVersion(encoded.version())
              .setResource(encoded.any()));
    }
    return protocol.response(response.build());
  }

  private static String text(DeltaDiscoveryRequest request) {
    String type = request.getTypeUrl().substring(request.getTypeUrl().lastIndexOf('.') + 1);
    StringBuilder text = new StringBuilder(type);
    request.getResourceNamesSubscribeList().forEach(n -> text.append(" +").append(n));
    request.getResourceNamesUnsubscribeList().forEach(n -> text.append(" -").append(n));
    if (!request.getResponseNonce().isEmpty()) {
      text.append(request.hasErrorDetail() ? " NACK " : " ACK ").append(request.getResponseNonce());
    }
    return text.toString();
  }

  private static List<String> texts(List<DeltaDiscoveryRequest> requests) {
    return requests.stream().map(AdsProtocolTest::text).toList();
  }

  @Test
  void a_stream_begins_with_everything_of_clusters_and_listeners_and_names_the_node_once() {
    List<DeltaDiscoveryRequest> opening = protocol.open();

    assertThat(texts(opening)).containsExactly("Cluster", "Listener");
    assertThat(opening.get(0).getNode().getId()).startsWith("sidecar~");
    assertThat(opening.get(1).hasNode()).isFalse();
  }

  @Test
  void nothing_is_in_force_before_all_parts_of_all_are_there() {
    protocol.open();

    assertThat(texts(receive(ResourceType.CLUSTER, cluster("a"))))
        .containsExactly("ClusterLoadAssignment +a", "Cluster ACK n0");
    assertThat(texts(receive(ResourceType.ENDPOINTS, endpoints("a"))))
        .containsExactly("ClusterLoadAssignment ACK n1");
    assertThat(texts(receive(ResourceType.LISTENER, listener("l", "9080", Optional.empty()))))
        .as("a listener is acknowledged once it is in force")
        .containsExactly("RouteConfiguration +9080");
    assertThat(taken).isEmpty();

    assertThat(texts(receive(ResourceType.ROUTE, route("9080"))))
        .containsExactly("Listener ACK n2", "RouteConfiguration ACK n3");
    assertThat(taken).hasSize(1);
    assertThat(taken.getFirst().of(ResourceType.CLUSTER)).containsOnlyKeys("a");
    assertThat(taken.getFirst().of(ResourceType.ENDPOINTS)).containsOnlyKeys("a");
    assertThat(taken.getFirst().of(ResourceType.LISTENER)).containsOnlyKeys("l");
    assertThat(taken.getFirst().of(ResourceType.ROUTE)).containsOnlyKeys("9080");
  }

  @Test
  void an_order_of_a_runtime_is_taken_when_it_comes_and_nothing_waits_for_one() {
    protocol =
        taking(EnumSet.of(ResourceType.CLUSTER, ResourceType.LISTENER, ResourceType.RUNTIME));
    assertThat(texts(protocol.open())).containsExactly("Cluster", "Listener", "RuntimeOrder");
    receive(ResourceType.CLUSTER);
    receive(ResourceType.LISTENER);
    assertThat(taken).as("served by a control plane that knows no orders").hasSize(1);

    RuntimeOrder order =
        new RuntimeOrder(
            3,
            "patch-1",
            new RuntimeOrder.Target.Bundle("1.1", "ab".repeat(32), false),
            RuntimeOrder.Limits.DEFAULT);
    assertThat(texts(receive(ResourceType.RUNTIME, order))).containsExactly("RuntimeOrder ACK n2");

    assertThat(taken.getLast().of(ResourceType.RUNTIME))
        .containsExactly(Map.entry(RuntimeOrder.NAME, order));
  }

  private void begin() {
    protocol.open();
    receive(ResourceType.CLUSTER, cluster("a"));
    receive(ResourceType.ENDPOINTS, endpoints("a"));
    receive(ResourceType.LISTENER, listener("l", "9080", Optional.empty()));
    receive(ResourceType.ROUTE, route("9080"));
    taken.clear();
  }

  @Test
  void a_part_that_the_server_has_not_is_empty_and_holds_nothing_up() {
    protocol.open();
    receive(ResourceType.LISTENER);
    receive(ResourceType.CLUSTER, cluster("a"));

    receive(ResourceType.ENDPOINTS, List.of("a"));

    assertThat(taken).hasSize(1);
    assertThat(taken.getFirst().of(ResourceType.ENDPOINTS)).containsEntry("a", endpoints("a"));
  }

  @Test
  void trust_bundles_are_asked_for_and_the_own_certificate_never() {
    begin();

    assertThat(
            texts(
                receive(
                    ResourceType.LISTENER,
                    listener(
                        "l",
                        "9080",
                        Optional.of(
                            new DownstreamTls("default", "ROOTCA", true, List.of(), List.of()))))))
        .containsExactly("Secret +ROOTCA");
    receive(ResourceType.SECRET, new SecretConfig("ROOTCA", "PEM"));
    assertThat(taken.getLast().of(ResourceType.SECRET)).containsOnlyKeys("ROOTCA");
  }

  @Test
  void what_cannot_be_read_is_refused_by_name_and_the_last_good_one_stays() {
    begin();
    Any garbage =
        Any.newBuilder()
            .setTypeUrl(ResourceType.CLUSTER.typeUrl())
            .setValue(ByteString.copyFrom(new byte[] {(byte) 0xff, 1, 2}))
            .build();

    List<DeltaDiscoveryRequest> answer =
        protocol.response(
            DeltaDiscoveryResponse.newBuilder()
                .setTypeUrl(ResourceType.CLUSTER.typeUrl())
                .setNonce("bad")
                .addResources(
                    Resource.newBuilder().setName("a").setVersion("2").setResource(garbage))
                .build());

    assertThat(texts(answer)).containsExactly("Cluster NACK bad");
    assertThat(answer.getFirst().getErrorDetail().getMessage()).startsWith("a: ");
    assertThat(taken.getLast().of(ResourceType.CLUSTER)).containsEntry("a", cluster("a"));
    assertThat(told).containsExactly("unreadable a 2");
    receive(ResourceType.CLUSTER, cluster("a"));
    receive(ResourceType.CLUSTER, cluster("a"));
    assertThat(told).containsExactly("unreadable a 2", "mended a");
  }

  @Test
  void the_version_told_is_that_of_what_is_in_force() {
    begin();
    String version = EncodedResource.of(route("9080")).version();

    assertThat(protocol.protocol.version(ResourceType.ROUTE, "9080")).hasValue(version);
    refuse.add(new ConfigSink.Rejection(ResourceType.ROUTE, "9080", "a reason"));
    receive(
        ResourceType.ROUTE,
        new RouteTableConfig(
            "9080", List.of(new RouteTableConfig.VirtualHost("v", List.of("*"), List.of()))));
    assertThat(protocol.protocol.version(ResourceType.ROUTE, "9080")).hasValue(version);
    assertThat(protocol.protocol.version(ResourceType.ROUTE, "none")).isEmpty();
  }

  @Test
  void what_the_sink_refuses_is_refused_to_the_server_and_not_tried_again() {
    begin();
    refuse.add(new ConfigSink.Rejection(ResourceType.ROUTE, "9080", "a reason"));
    RouteTableConfig bad =
        new RouteTableConfig(
            "9080", List.of(new RouteTableConfig.VirtualHost("v", List.of("*"), List.of())));

    List<DeltaDiscoveryRequest> answer = receive(ResourceType.ROUTE, bad);

    assertThat(texts(answer)).containsExactly("RouteConfiguration NACK n4");
    assertThat(answer.getFirst().getErrorDetail().getMessage()).isEqualTo("9080: a reason");
    receive(ResourceType.ENDPOINTS, endpoints("a"));
    assertThat(taken.getLast().of(ResourceType.ROUTE)).containsEntry("9080", route("9080"));
  }

  @Test
  void a_new_stream_resumes_from_the_versions_held() {
    begin();

    List<DeltaDiscoveryRequest> opening = protocol.open();

    assertThat(texts(opening))
        .containsExactly(
            "Cluster", "ClusterLoadAssignment +a", "Listener", "RouteConfiguration +9080");
    assertThat(opening.getFirst().getInitialResourceVersionsMap())
        .containsExactly(Map.entry("a", EncodedResource.of(cluster("a")).version()));
    assertThat(opening.get(3).getInitialResourceVersionsMap()).containsOnlyKeys("9080");
  }

  @Test
  void a_warming_newcomer_holds_the_whole_back_until_it_is_given_up_on() {
    begin();
    receive(ResourceType.CLUSTER, cluster("b"));
    assertThat(protocol.warming()).isTrue();
    assertThat(taken).isEmpty();

    protocol.giveUpWaiting();

    assertThat(taken).hasSize(1);
    assertThat(taken.getLast().of(ResourceType.CLUSTER)).containsOnlyKeys("a");
    assertThat(protocol.warming()).isFalse();
    receive(ResourceType.ENDPOINTS, endpoints("b"));
    assertThat(taken.getLast().of(ResourceType.CLUSTER)).containsOnlyKeys("a", "b");
  }

  @Test
  void what_nothing_refers_to_any_more_is_unsubscribed_and_forgotten() {
    begin();

    assertThat(texts(receive(ResourceType.CLUSTER, List.of("a"))))
        .containsExactly("ClusterLoadAssignment -a", "Cluster ACK n4");
    assertThat(taken.getLast().of(ResourceType.ENDPOINTS)).isEmpty();
  }

  private static VirtualHostConfig host(String name, String domain) {
    return new VirtualHostConfig(
        "9080", new RouteTableConfig.VirtualHost(name, List.of(domain), List.of()));
  }

  private static RouteTableConfig table(VirtualHostConfig... hosts) {
    return new SplitRouteTable(route("9080")).with(List.of(hosts));
  }

  @Test
  void hosts_that_come_by_themselves_are_subscribed_to_once_a_table_leaves_them_out() {
    protocol.open();
    receive(ResourceType.CLUSTER);
    receive(ResourceType.LISTENER, listener("l", "9080", Optional.empty()));

    assertThat(texts(receive(ResourceType.ROUTE, new SplitRouteTable(route("9080")))))
        .as("without its hosts the table is not whole")
        .containsExactly("VirtualHost");
    assertThat(taken).isEmpty();
    assertThat(texts(receive(ResourceType.VIRTUAL_HOST, host("b", "b.io"), host("a", "a.io"))))
        .containsExactly("VirtualHost ACK n3", "Listener ACK n1", "RouteConfiguration ACK n2");
    assertThat(taken.getLast().of(ResourceType.ROUTE))
        .containsExactly(Map.entry("9080", table(host("a", "a.io"), host("b", "b.io"))));
    assertThat(taken.getLast().of(ResourceType.VIRTUAL_HOST)).isEmpty();
  }

  private void beginSplit() {
    begin();
    receive(ResourceType.ROUTE, new SplitRouteTable(route("9080")));
    receive(ResourceType.VIRTUAL_HOST, host("a", "a.io"), host("b", "b.io"));
    taken.clear();
  }

  @Test
  void a_changed_host_and_one_that_is_gone_change_their_table_at_once() {
    beginSplit();

    assertThat(texts(receive(ResourceType.VIRTUAL_HOST, List.of("9080/b"), host("a", "b.io"))))
        .containsExactly("VirtualHost ACK n6");

    assertThat(taken).hasSize(1);
    assertThat(taken.getLast().of(ResourceType.ROUTE))
        .containsExactly(Map.entry("9080", table(host("a", "b.io"))));
  }

  @Test
  void a_host_for_which_its_table_is_refused_is_named_and_the_others_are_in_force() {
    beginSplit();
    refuse.add(new ConfigSink.Rejection(ResourceType.ROUTE, "9080", "virtual host a: no"));

    List<DeltaDiscoveryRequest> answer =
        receive(ResourceType.VIRTUAL_HOST, host("a", "worse.io"), host("b", "better.io"));

    assertThat(texts(answer)).containsExactly("VirtualHost NACK n6");
    assertThat(answer.getFirst().getErrorDetail().getMessage())
        .isEqualTo("9080/a: virtual host a: no");
    assertThat(taken.getLast().of(ResourceType.ROUTE))
        .containsExactly(Map.entry("9080", table(host("a", "a.io"), host("b", "better.io"))));
  }

  @Test
  void where_no_host_is_named_all_that_are_new_are_refused() {
    beginSplit();
    refuse.add(new ConfigSink.Rejection(ResourceType.ROUTE, "9080", "too large"));

    List<DeltaDiscoveryRequest> answer = receive(ResourceType.VIRTUAL_HOST, host("c", "c.io"));

    assertThat(answer.getFirst().getErrorDetail().getMessage()).isEqualTo("9080/c: too large");
    assertThat(taken.getLast().of(ResourceType.ROUTE))
        .containsExactly(Map.entry("9080", table(host("a", "a.io"), host("b", "b.io"))));
  }

  @Test
  void a_new_stream_brings_the_versions_of_the_hosts_held() {
    beginSplit();

    List<DeltaDiscoveryRequest> opening = protocol.open();

    assertThat(texts(opening))
        .containsExactly(
            "Cluster",
            "ClusterLoadAssignment +a",
            "VirtualHost",
            "Listener",
            "RouteConfiguration +9080");
    assertThat(opening.get(2).getInitialResourceVersionsMap()).containsOnlyKeys("9080/a", "9080/b");
  }
}
