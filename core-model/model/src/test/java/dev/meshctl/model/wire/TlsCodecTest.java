package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Message;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.UpstreamTls;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.core.v3.UpstreamHttpProtocolOptions;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsSessionTicketKeys;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of TLS is refused, and what is said of what is taken; the rest XdsCodecTest reads back. */
class TlsCodecTest {
  private static final String UP = "transport_socket.typed_config";
  private static final String DOWN = "filter_chains[0].transport_socket.typed_config";

  private static TransportSocket socket(Message context) {
    return TransportSocket.newBuilder()
        .setName(TlsCodec.TLS)
        .setTypedConfig(Any.pack(context))
        .build();
  }

  private static Decoded up(UpstreamTlsContext.Builder context) {
    return XdsCodec.decode(
        ResourceType.CLUSTER,
        Any.pack(
            Cluster.newBuilder().setName("c").setTransportSocket(socket(context.build())).build()));
  }

  private static Decoded down(DownstreamTlsContext.Builder context) {
    context
        .getCommonTlsContextBuilder()
        .addTlsCertificateSdsSecretConfigs(SdsSecretConfig.newBuilder().setName("default"));
    return XdsCodec.decode(
        ResourceType.LISTENER,
        Any.pack(
            Listener.newBuilder()
                .setName("l")
                .setAddress(
                    Address.newBuilder()
                        .setSocketAddress(SocketAddress.newBuilder().setAddress("127.0.0.1")))
                .addFilterChains(
                    FilterChain.newBuilder().setTransportSocket(socket(context.build())))
                .build()));
  }

  private static List<String> reasons(Decoded decoded) {
    return decoded instanceof Decoded.Rejected rejected ? rejected.reasons() : List.of();
  }

  private static UpstreamTlsContext.Builder with(TlsParameters.Builder parameters) {
    return UpstreamTlsContext.newBuilder()
        .setCommonTlsContext(CommonTlsContext.newBuilder().setTlsParams(parameters));
  }

  @Test
  void a_server_that_is_not_verified_is_taken_and_named() {
    assertThat(up(UpstreamTlsContext.newBuilder().setSni("a")))
        .isInstanceOfSatisfying(
            Decoded.Accepted.class,
            accepted -> {
              assertThat(accepted.ignoredFields())
                  .contains(
                      UP
                          + ".common_tls_context: no validation context, the server is not"
                          + " verified");
              assertThat(((ClusterConfig) accepted.resource()).transport())
                  .isInstanceOfSatisfying(
                      Transport.Tls.class, tls -> assertThat(tls.tls().unverified()).isTrue());
            });
  }

  @Test
  void ciphers_are_known_by_the_names_of_openssl() {
    TlsParameters.Builder parameters =
        TlsParameters.newBuilder()
            .setTlsMaximumProtocolVersion(TlsProtocol.TLSv1_2)
            .addCipherSuites("[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]")
            .addCipherSuites("ECDHE-ECDSA-AES256-GCM-SHA384");
    assertThat(up(with(parameters)))
        .isInstanceOfSatisfying(
            Decoded.Accepted.class,
            accepted -> {
              UpstreamTls tls =
                  ((Transport.Tls) ((ClusterConfig) accepted.resource()).transport()).tls();
              assertThat(tls.parameters().ciphers())
                  .containsExactly(
                      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
            });
  }

  @Test
  void what_weakens_or_is_not_acted_on_is_refused_by_name() {
    String params = UP + ".common_tls_context.tls_params";
    assertThat(
            reasons(
                up(
                    with(
                        TlsParameters.newBuilder()
                            .setTlsMinimumProtocolVersion(TlsProtocol.TLSv1_0)
                            .addCipherSuites("AES128-SHA")
                            .addEcdhCurves("P-224")
                            .addSignatureAlgorithms("rsa_pkcs1_sha1")))))
        .contains(
            params + ".tls_minimum_protocol_version: TLSv1_0 (expected: TLSv1_2 or TLSv1_3)",
            params
                + ".cipher_suites[0]: AES128-SHA"
                + " (expected: ECDHE with ECDSA or RSA, and AES-GCM or ChaCha20)",
            params + ".ecdh_curves[0]: P-224 (expected: X25519, P-256, P-384 or P-521)",
            params + ".signature_algorithms: not supported (expected: not set)");
    assertThat(
            reasons(
                up(
                    UpstreamTlsContext.newBuilder()
                        .setAutoHostSni(true)
                        .setAutoSniSanValidation(true))))
        .contains(
            UP + ".auto_host_sni: not supported (expected: not set)",
            UP + ".auto_sni_san_validation: not supported (expected: not set)");
    assertThat(
            reasons(
                down(
                    DownstreamTlsContext.newBuilder()
                        .setRequireClientCertificate(BoolValue.of(true))
                        .setRequireSni(BoolValue.of(true))
                        .setSessionTicketKeys(TlsSessionTicketKeys.getDefaultInstance()))))
        .contains(
            DOWN
                + ".require_client_certificate: set without a trust bundle in the validation"
                + " context (expected: one to verify clients by)",
            DOWN + ".require_sni: not supported (expected: not set)",
            DOWN + ".session_ticket_keys: not supported (expected: not set)");
  }

  @Test
  void names_that_come_from_requests_are_refused() {
    String extension = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    Cluster cluster =
        Cluster.newBuilder()
            .setName("c")
            .putTypedExtensionProtocolOptions(
                extension,
                Any.pack(
                    HttpProtocolOptions.newBuilder()
                        .setUpstreamHttpProtocolOptions(
                            UpstreamHttpProtocolOptions.newBuilder()
                                .setAutoSni(true)
                                .setAutoSanValidation(true))
                        .build()))
            .build();
    assertThat(reasons(XdsCodec.decode(ResourceType.CLUSTER, Any.pack(cluster))))
        .containsExactly(
            "typed_extension_protocol_options["
                + extension
                + "].upstream_http_protocol_options: not supported (expected: not set)");
  }
}
