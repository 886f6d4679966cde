package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ProxyNode.Capture;
import dev.meshctl.model.xds.ProxyNode.Role;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeCodecTest {

  static java.util.stream.Stream<ProxyNode> nodes() {
    return java.util.stream.Stream.of(
        node("sidecar", Role.SIDECAR, new Capture.Transparent("10.0.0.7")),
        node("sidecar", Role.SIDECAR, new Capture.Transparent("10.0.0.7", "fd00::7")),
        node("sidecar", Role.SIDECAR, new Capture.Transparent("fd00::7")),
        node("sidecar", Role.SIDECAR, new Capture.Explicit("127.7.2.1", "127.7.1.1", "127.7.17.")),
        node("sidecar", Role.SIDECAR, new Capture.Proxyless()),
        node("router", Role.GATEWAY, new Capture.Edge("127.7.0.10")),
        node("sidecar", Role.SIDECAR, new Capture.Transparent("10.0.0.7"))
            .with(ProxyNode.Feature.SPLIT_TABLES)
            .with(ProxyNode.Feature.RESOURCE_TTL),
        node("middle", Role.MIDDLE, new Capture.Edge("127.7.0.11")),
        node("node", Role.NODE, new Capture.Edge("0.0.0.0")));
  }

  private static ProxyNode node(String type, Role role, Capture capture) {
    return new ProxyNode(
        type + "~10.0.0.7~reviews-v1-0.shop~shop.svc.cluster.local",
        role,
        "shop",
        "reviews-v1",
        "reviews-v1-0",
        "reviews",
        Map.of("app", "reviews", "version", "v1"),
        capture);
  }

  @ParameterizedTest
  @MethodSource("nodes")
  void what_is_encoded_decodes_to_itself(ProxyNode node) {
    assertThat(NodeCodec.decode(NodeCodec.encode(node))).isEqualTo(new DecodedNode.Accepted(node));
  }

  @Test
  void a_plain_envoy_gateway_is_known_by_its_id_and_cluster() {
    Node plain =
        Node.newBuilder()
            .setId("router~10.1.2.3~edge-0.istio-system~istio-system.svc.cluster.local")
            .setCluster("edge")
            .build();

    assertThat(NodeCodec.decode(plain))
        .isEqualTo(
            new DecodedNode.Accepted(
                new ProxyNode(
                    plain.getId(),
                    Role.GATEWAY,
                    "istio-system",
                    "edge",
                    "edge-0",
                    "default",
                    Map.of(),
                    new Capture.Edge("0.0.0.0"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "envoy", "ztunnel~1~a.b~c", "sidecar~1~ab~c", "sidecar~1~a.~c"})
  void an_id_of_another_shape_is_refused_by_name(String id) {
    assertThat(NodeCodec.decode(Node.newBuilder().setId(id).build()))
        .isInstanceOfSatisfying(
            DecodedNode.Rejected.class,
            rejected -> assertThat(rejected.reason()).contains("node.id: " + id, "expected"));
  }

  @Test
  void a_grpc_client_speaks_for_itself() {
    Node byMetadata =
        Node.newBuilder()
            .setId("sidecar~10.0.0.1~web-0.shop~shop.svc.cluster.local")
            .setMetadata(
                Struct.newBuilder()
                    .putFields("GENERATOR", Value.newBuilder().setStringValue("grpc").build()))
            .build();
    Node byLibrary = byMetadata.toBuilder().clearMetadata().setUserAgentName("gRPC Java").build();

    for (Node node : List.of(byMetadata, byLibrary)) {
      assertThat(NodeCodec.decode(node))
          .isInstanceOfSatisfying(
              DecodedNode.Accepted.class,
              accepted -> assertThat(accepted.node().capture()).isEqualTo(new Capture.Proxyless()));
    }
  }
}
