package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.meshctl.model.testkit.XdsArbitraries;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.route.Header;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class XdsCodecTest {

  @Provide
  Arbitrary<XdsResource> resources() {
    return XdsArbitraries.resources();
  }

  @Property(seed = "42")
  void what_is_encoded_decodes_to_itself_with_nothing_ignored(
      @ForAll("resources") XdsResource resource) {
    Decoded decoded = XdsCodec.decode(resource.type(), XdsCodec.encode(resource));

    assertThat(decoded).isEqualTo(new Decoded.Accepted(resource, List.of()));
  }

  @Property(seed = "42")
  void whatever_is_encoded_can_be_shown_as_json(@ForAll("resources") XdsResource resource) {
    assertThat(ResourceJson.array(List.of(EncodedResource.of(resource))))
        .startsWith("[{\"@type\":");
  }

  @Property(seed = "42", tries = 300)
  void equal_resources_have_equal_versions_and_different_ones_do_not(
      @ForAll("resources") XdsResource one, @ForAll("resources") XdsResource other) {
    String version = EncodedResource.of(one).version();

    assertThat(EncodedResource.of(one).version()).isEqualTo(version);
    assertThat(EncodedResource.of(other).version().equals(version))
        .isEqualTo(XdsCodec.encode(one).equals(XdsCodec.encode(other)));
  }

  @Property(seed = "42", tries = 2000)
  void damaged_bytes_are_refused_or_read_but_never_throw(
      @ForAll("resources") XdsResource resource, @ForAll("damages") List<Integer> damages) {
    Any whole = XdsCodec.encode(resource);
    byte[] bytes = whole.getValue().toByteArray();
    for (int damage : damages) {
      if (bytes.length > 0) {
        bytes[Math.floorMod(damage, bytes.length)] ^= (byte) (1 << Math.floorMod(damage, 7));
      }
    }
    Any damaged = whole.toBuilder().setValue(ByteString.copyFrom(bytes)).build();

    assertThat(XdsCodec.decode(resource.type(), damaged)).isNotNull();
  }

  @Provide
  Arbitrary<List<Integer>> damages() {
    return Arbitraries.integers().list().ofMinSize(1).ofMaxSize(4);
  }

  @Test
  void another_type_than_asked_for_is_refused() {
    Decoded decoded =
        XdsCodec.decode(ResourceType.LISTENER, Any.pack(Cluster.getDefaultInstance()));

    assertThat(decoded)
        .isEqualTo(
            new Decoded.Rejected(
                "",
                List.of(
                    "type.googleapis.com/envoy.config.cluster.v3.Cluster (expected: Listener)")));
  }

  @Test
  void a_group_of_endpoints_says_where_it_is_even_where_nobody_knows() throws Exception {
    LoadAssignment assignment =
        new LoadAssignment(
            "a",
            List.of(
                new LoadAssignment.LocalityEndpoints(
                    LoadAssignment.Locality.NONE, 0, 1, List.of())));

    ClusterLoadAssignment message = XdsCodec.encode(assignment).unpack(ClusterLoadAssignment.class);

    assertThat(message.getEndpoints(0).hasLocality()).as("gRPC in Go refuses it else").isTrue();
  }

  @Test
  void a_field_that_changes_no_request_is_ignored_by_its_path() {
    ClusterLoadAssignment assignment =
        ClusterLoadAssignment.newBuilder()
            .setClusterName("a")
            .setPolicy(
                ClusterLoadAssignment.Policy.newBuilder()
                    .setEndpointStaleAfter(com.google.protobuf.Duration.newBuilder().setSeconds(9)))
            .build();

    assertThat(XdsCodec.decode(ResourceType.ENDPOINTS, Any.pack(assignment)))
        .isEqualTo(
            new Decoded.Accepted(
                new LoadAssignment("a", List.of()), List.of("policy.endpoint_stale_after")));
  }

  @Test
  void a_field_that_this_version_does_not_know_is_ignored_by_its_number() {
    Message assignment =
        ClusterLoadAssignment.newBuilder()
            .setClusterName("a")
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(4711, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                    .build())
            .build();

    assertThat(XdsCodec.decode(ResourceType.ENDPOINTS, Any.pack(assignment)))
        .isEqualTo(new Decoded.Accepted(new LoadAssignment("a", List.of()), List.of("#4711")));
  }

  @Test
  void all_fields_that_change_the_meaning_are_named_at_once() throws Exception {
    RouteConfiguration routes = routes("/a").unpack(RouteConfiguration.class);
    RouteConfiguration.Builder changed = routes.toBuilder();
    var route = changed.getVirtualHostsBuilder(0).getRoutesBuilder(0);
    route.getMatchBuilder().getTlsContextBuilder().setPresented(BoolValue.of(true));
    route.getRouteBuilder().getInternalRedirectPolicyBuilder();
    changed.setIgnorePathParametersInPathMatching(true);

    assertThat(XdsCodec.decode(ResourceType.ROUTE, Any.pack(changed.build())))
        .isEqualTo(
            new Decoded.Rejected(
                "r",
                List.of(
                    "ignore_path_parameters_in_path_matching: not supported (expected: not set)",
                    "virtual_hosts[0].routes[0].match.tls_context: not supported (expected: not"
                        + " set)",
                    "virtual_hosts[0].routes[0].route.internal_redirect_policy: not supported"
                        + " (expected: not set)")));
  }

  @Test
  void a_route_of_envoy_has_envoys_default_timeout_of_fifteen_seconds() throws Exception {
    RouteConfiguration.Builder routes = routes("/a").unpack(RouteConfiguration.class).toBuilder();
    routes.getVirtualHostsBuilder(0).getRoutesBuilder(0).getRouteBuilder().clearTimeout();

    RouteTableConfig table =
        accepted(XdsCodec.decode(ResourceType.ROUTE, Any.pack(routes.build())));

    assertThat(table.hosts().getFirst().routes().getFirst().action())
        .isInstanceOfSatisfying(
            RouteAction.Forward.class,
            forward -> assertThat(forward.timeout()).isEqualTo(Duration.ofSeconds(15)));
  }

  @Test
  void a_header_value_with_a_command_of_envoy_is_a_format() throws Exception {
    RouteConfiguration.Builder routes = routes("/a").unpack(RouteConfiguration.class).toBuilder();
    routes
        .getVirtualHostsBuilder(0)
        .getRoutesBuilder(0)
        .addRequestHeadersToAddBuilder()
        .getHeaderBuilder()
        .setKey("x-peer")
        .setValue("%DOWNSTREAM_REMOTE_ADDRESS%");

    assertThat(XdsCodec.decode(ResourceType.ROUTE, Any.pack(routes.build())))
        .isInstanceOfSatisfying(
            Decoded.Accepted.class,
            accepted ->
                assertThat(accepted.resource())
                    .isInstanceOfSatisfying(
                        RouteTableConfig.class,
                        table ->
                            assertThat(
                                    table
                                        .hosts()
                                        .getFirst()
                                        .routes()
                                        .getFirst()
                                        .headers()
                                        .request()
                                        .add())
                                .containsExactly(
                                    new Header(
                                        "x-peer", "%DOWNSTREAM_REMOTE_ADDRESS%", true, false))));
  }

  @Test
  void a_private_key_is_taken_but_for_the_workloads_own() {
    Secret secret =
        Secret.newBuilder()
            .setName("default")
            .setTlsCertificate(
                io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate
                    .getDefaultInstance())
            .build();

    assertThat(XdsCodec.decode(ResourceType.SECRET, Any.pack(secret)))
        .isInstanceOfSatisfying(
            Decoded.Rejected.class,
            rejected ->
                assertThat(rejected.reasons())
                    .contains(
                        "tls_certificate: the workload's own is not taken (expected: not set)"));
    SecretConfig named =
        new SecretConfig(
            "kubernetes://shop/edge", new SecretConfig.Material.Certificate("CHAIN", "KEY"));
    assertThat(XdsCodec.decode(ResourceType.SECRET, XdsCodec.encode(named)))
        .isInstanceOfSatisfying(
            Decoded.Accepted.class, accepted -> assertThat(accepted.resource()).isEqualTo(named));
    assertThat(ResourceJson.array(List.of(EncodedResource.of(named))))
        .contains("CHAIN", "[redacted]")
        .doesNotContain("KEY");
  }

  @Test
  void our_own_certificate_has_no_source_and_the_trust_bundle_comes_by_ads() throws Exception {
    Cluster cluster =
        XdsCodec.encode(
                XdsArbitraries.clusters()
                    .map(any ->
                        new dev.meshctl.model.xds.ClusterConfig(
                            any.name(),
                            any.discovery(),
                            any.connectTimeout(),
                            any.loadBalancing(),
                            new dev.meshctl.model.xds.ClusterConfig.Transport.Tls(
                                new dev.meshctl.model.xds.UpstreamTls(
                                    SecretConfig.OWN_CERTIFICATE,
                                    SecretConfig.TRUST_BUNDLE,
                                    "sni",
                                    List.of(),
                                    List.of())),
                            any.protocol(),
                            any.circuitBreakers(),
                            any.outlierDetection(),
                            any.service()))
                    .sample())
            .unpack(Cluster.class);
    var tls =
        cluster
            .getTransportSocket()
            .getTypedConfig()
            .unpack(
                io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext.class)
            .getCommonTlsContext();

    assertThat(tls.getTlsCertificateSdsSecretConfigs(0).hasSdsConfig()).isFalse();
    assertThat(
            tls.getCombinedValidationContext()
                .getValidationContextSdsSecretConfig()
                .getSdsConfig()
                .hasAds())
        .isTrue();
  }

  @Test
  void a_chain_with_a_filter_that_we_do_not_have_is_refused_by_its_type() {
    Listener.Builder listener = Listener.newBuilder().setName("l");
    listener.getAddressBuilder().getSocketAddressBuilder().setAddress("10.0.0.1").setPortValue(1);
    listener
        .addFilterChainsBuilder()
        .addFiltersBuilder()
        .setTypedConfig(Any.newBuilder().setTypeUrl("type.googleapis.com/redis"));

    assertThat(XdsCodec.decode(ResourceType.LISTENER, Any.pack(listener.build())))
        .isEqualTo(
            new Decoded.Rejected(
                "l",
                List.of(
                    "filter_chains[0].filters[0].typed_config: type.googleapis.com/redis (expected:"
                        + " HttpConnectionManager or TcpProxy)")));
  }

  private static Any routes(String prefix) {
    return XdsCodec.encode(
        new RouteTableConfig(
            "r",
            List.of(
                new RouteTableConfig.VirtualHost(
                    "h",
                    List.of("*"),
                    List.of(
                        new RouteTableConfig.Route(
                            "one",
                            new RouteMatch(
                                new PathMatch.Prefix(prefix), false, List.of(), List.of()),
                            RouteAction.Forward.to("c"),
                            Headers.NONE))))));
  }

  @SuppressWarnings("unchecked")
  private static <R extends XdsResource> R accepted(Decoded decoded)
      throws InvalidProtocolBufferException {
    return switch (decoded) {
      case Decoded.Accepted(var resource, var ignored, var inline) -> (R) resource;
      case Decoded.Rejected rejected -> throw new AssertionError(rejected);
    };
  }
}
