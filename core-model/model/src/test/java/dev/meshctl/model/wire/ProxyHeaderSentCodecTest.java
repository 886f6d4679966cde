package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ProxyProtocolConfig;
import io.envoyproxy.envoy.config.core.v3.ProxyProtocolConfig.Version;
import io.envoyproxy.envoy.config.core.v3.ProxyProtocolPassThroughTLVs;
import io.envoyproxy.envoy.config.core.v3.TlvEntry;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of the upstream PROXY protocol is refused; what is taken, XdsCodecTest reads back. */
class ProxyHeaderSentCodecTest {
  private static final String PATH = "transport_socket.typed_config";

  private static List<String> reasons(ProxyProtocolUpstreamTransport transport) {
    Cluster cluster =
        Cluster.newBuilder()
            .setName("c")
            .setTransportSocket(
                TransportSocket.newBuilder()
                    .setName(ProxyHeaderSentCodec.NAME)
                    .setTypedConfig(Any.pack(transport)))
            .build();
    return XdsCodec.decode(ResourceType.CLUSTER, Any.pack(cluster))
            instanceof Decoded.Rejected rejected
        ? rejected.reasons()
        : List.of();
  }

  @Test
  void what_is_not_acted_on_is_refused_by_name() {
    ProxyProtocolUpstreamTransport.Builder transport =
        ProxyProtocolUpstreamTransport.newBuilder()
            .setConfig(
                ProxyProtocolConfig.newBuilder()
                    .setVersion(Version.V2)
                    .setPassThroughTlvs(ProxyProtocolPassThroughTLVs.getDefaultInstance()))
            .setAllowUnspecifiedAddress(true)
            .setTlvAsPoolKey(true);
    assertThat(reasons(transport.build()))
        .contains(
            PATH + ".config.pass_through_tlvs: not supported (expected: not set)",
            PATH + ".allow_unspecified_address: not supported (expected: not set)",
            PATH + ".tlv_as_pool_key: not supported (expected: not set)",
            PATH + ".transport_socket: not set (expected: raw_buffer or tls)");
  }

  @Test
  void values_need_version_2_and_a_type_of_one_byte() {
    TlvEntry entry = TlvEntry.newBuilder().setType(256).build();
    ProxyProtocolConfig.Builder config =
        ProxyProtocolConfig.newBuilder().setVersion(Version.V1).addAddedTlvs(entry);
    ProxyProtocolUpstreamTransport.Builder transport =
        ProxyProtocolUpstreamTransport.newBuilder()
            .setTransportSocket(TlsCodec.plaintext())
            .setConfig(config);
    assertThat(reasons(transport.build()))
        .containsExactly(
            PATH
                + ".config.added_tlvs: set for V1, which carries no values (expected: version V2)");
    assertThat(reasons(transport.setConfig(config.setVersion(Version.V2)).build()))
        .containsExactly(PATH + ".config.added_tlvs[0].type: 256 (expected: 0 to 255)");
  }
}
