package dev.meshctl.model.wire;

import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.ServiceRef;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.UpstreamTls;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DnsLookupFamily;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.TransportSocketMatch;
import java.time.Duration;
import java.util.Optional;

/** {@link ClusterConfig} to and from {@code Cluster}. */
final class ClusterCodec {
  /** Envoy's, where none is set. */
  private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private static final KnownFields CLUSTER =
      KnownFields.of(
              Cluster.getDescriptor(),
              "name",
              "type",
              "eds_cluster_config",
              "load_assignment",
              "connect_timeout",
              "lb_policy",
              "load_balancing_policy",
              "dns_lookup_family",
              "transport_socket",
              "transport_socket_matches",
              "typed_extension_protocol_options",
              "http_protocol_options",
              "http2_protocol_options",
              "circuit_breakers",
              "outlier_detection",
              "health_checks",
              "common_lb_config",
              "lb_subset_config",
              "least_request_lb_config",
              "round_robin_lb_config",
              "ring_hash_lb_config",
              "maglev_lb_config",
              "metadata",
              "per_connection_buffer_limit_bytes",
              "max_requests_per_connection",
              "upstream_connection_options",
              "common_http_protocol_options")
          .leavingAside(
              "alt_stat_name",
              "dns_refresh_rate",
              "dns_jitter",
              "dns_failure_refresh_rate",
              "respect_dns_ttl",
              "dns_resolvers",
              "use_tcp_for_dns_lookups",
              "dns_resolution_config",
              "typed_dns_resolver_config",
              "wait_for_warm_on_init",
              "cleanup_interval",
              "upstream_bind_config",
              "original_dst_lb_config",
              "close_connections_on_host_health_failure",
              "ignore_health_on_host_removal",
              "lrs_server",
              "track_timeout_budgets",
              "track_cluster_stats",
              "preconnect_policy");

  private ClusterCodec() {}

  static Cluster encode(ClusterConfig cluster) {
    Cluster.Builder message =
        Cluster.newBuilder()
            .setName(cluster.name())
            .setConnectTimeout(Packing.duration(cluster.connectTimeout()))
            .setLbPolicy(BalancingCodec.policy(cluster.loadBalancing()));
    BalancingCodec.encode(cluster, message);
    cluster
        .healthCheck()
        .ifPresent(check -> message.addHealthChecks(HealthCheckCodec.encode(check)));
    discovery(cluster, message);
    transport(cluster.transport(), message);
    cluster
        .upstream()
        .proxyProtocol()
        .ifPresent(header ->
            message.setTransportSocket(
                ProxyHeaderSentCodec.encode(
                    header,
                    message.hasTransportSocket()
                        ? message.getTransportSocket()
                        : TlsCodec.plaintext())));
    UpstreamProtocolCodec.encode(cluster.protocol(), cluster.upstream(), message);
    UpstreamOptionsCodec.encode(cluster.upstream(), message);
    ResilienceCodec.encode(cluster.circuitBreakers(), message);
    cluster.outlierDetection().ifPresent(detection -> ResilienceCodec.encode(detection, message));
    if (!cluster.service().equals(ServiceRef.UNKNOWN)) {
      message.setMetadata(MetadataCodec.ofService(cluster.service()));
    }
    return message.build();
  }

  private static void discovery(ClusterConfig cluster, Cluster.Builder message) {
    switch (cluster.discovery()) {
      case Discovery.Eds(var serviceName) -> {
        message.setType(DiscoveryType.EDS);
        message.getEdsClusterConfigBuilder().setEdsConfig(Packing.ADS).setServiceName(serviceName);
      }
      case Discovery.Static(var endpoints) ->
          message.setType(DiscoveryType.STATIC).setLoadAssignment(EndpointCodec.encode(endpoints));
      case Discovery.StrictDns(var names) ->
          message
              .setType(DiscoveryType.STRICT_DNS)
              .setDnsLookupFamily(DnsLookupFamily.V4_PREFERRED)
              .setLoadAssignment(EndpointCodec.encode(names));
      case Discovery.OriginalDestination() ->
          // The connection itself says where it goes: there is nothing to balance.
          message.setType(DiscoveryType.ORIGINAL_DST).setLbPolicy(LbPolicy.CLUSTER_PROVIDED);
    }
  }

  private static void transport(Transport transport, Cluster.Builder message) {
    switch (transport) {
      case Transport.Plaintext() -> {}
      case Transport.Tls(var tls) -> message.setTransportSocket(TlsCodec.encode(tls));
      case Transport.Auto(var tls) ->
          message
              .addTransportSocketMatches(
                  TransportSocketMatch.newBuilder()
                      .setName("tlsMode-istio")
                      .setMatch(MetadataCodec.MESH_TLS)
                      .setTransportSocket(TlsCodec.encode(tls)))
              .addTransportSocketMatches(
                  TransportSocketMatch.newBuilder()
                      .setName("tlsMode-disabled")
                      .setTransportSocket(TlsCodec.plaintext()));
    }
  }

  static ClusterConfig decode(Reading reading, Cluster written) {
    reading.expect("", written, CLUSTER);
    Cluster message = TypedPolicyCodec.older(reading, written);
    UpstreamProtocolCodec.Options options = UpstreamProtocolCodec.decode(reading, message);
    ProxyHeaderSentCodec.Unwrapped socket =
        ProxyHeaderSentCodec.decode(reading, "transport_socket", message.getTransportSocket());
    return new ClusterConfig(
        message.getName(),
        discovery(reading, message),
        message.hasConnectTimeout()
            ? reading.duration("connect_timeout", message.getConnectTimeout())
            : DEFAULT_CONNECT_TIMEOUT,
        BalancingCodec.policy(reading, message),
        transport(reading, message, socket),
        options.protocol(),
        ResilienceCodec.breakers(reading, message.getCircuitBreakers()),
        message.hasOutlierDetection()
            ? Optional.of(ResilienceCodec.outliers(reading, message.getOutlierDetection()))
            : Optional.empty(),
        MetadataCodec.service(reading, "metadata", message.getMetadata()),
        BalancingCodec.decode(reading, message),
        HealthCheckCodec.decode(reading, message.getHealthChecksList()),
        UpstreamOptionsCodec.decode(reading, message, options).telling(socket.header()));
  }

  private static Discovery discovery(Reading reading, Cluster message) {
    if (message.hasClusterType()) {
      // Already refused by name, as cluster_type is no known field.
      return new Discovery.OriginalDestination();
    }
    return switch (message.getType()) {
      case EDS -> {
        reading.source(
            "eds_cluster_config.eds_config",
            ResourceType.ENDPOINTS,
            message.getEdsClusterConfig().getEdsConfig());
        String service = message.getEdsClusterConfig().getServiceName();
        yield new Discovery.Eds(service.isEmpty() ? message.getName() : service);
      }
      case STATIC ->
          new Discovery.Static(
              EndpointCodec.decode(reading, "load_assignment", message.getLoadAssignment()));
      case STRICT_DNS -> {
        LoadAssignment names =
            EndpointCodec.decode(reading, "load_assignment", message.getLoadAssignment());
        names.localities().stream()
            .flatMap(group -> group.endpoints().stream())
            .map(LoadAssignment.Endpoint::address)
            .filter(SocketEndpoint::isPipe)
            .forEach(pipe ->
                reading.refuse(
                    "load_assignment", "pipe " + pipe + " (expected: host names; type STATIC)"));
        yield new Discovery.StrictDns(names);
      }
      case ORIGINAL_DST -> new Discovery.OriginalDestination();
      case LOGICAL_DNS, UNRECOGNIZED -> {
        reading.refuse(
            "type", message.getType() + " (expected: EDS, STATIC, STRICT_DNS or ORIGINAL_DST)");
        yield new Discovery.OriginalDestination();
      }
    };
  }

  private static Transport transport(
      Reading reading, Cluster message, ProxyHeaderSentCodec.Unwrapped socket) {
    if (message.getTransportSocketMatchesCount() == 0) {
      return TlsCodec.upstream(reading, socket.path(), socket.inside())
          .<Transport>map(Transport.Tls::new)
          .orElseGet(Transport.Plaintext::new);
    }
    Optional<UpstreamTls> meshTls = Optional.empty();
    for (int i = 0; i < message.getTransportSocketMatchesCount(); i++) {
      TransportSocketMatch match = message.getTransportSocketMatches(i);
      String path = "transport_socket_matches[" + i + "]";
      if (ProxyHeaderSentCodec.wraps(match.getTransportSocket())) {
        reading.refuse(
            path + ".transport_socket",
            ProxyHeaderSentCodec.NAME + " (expected: only in transport_socket)");
        continue;
      }
      Optional<UpstreamTls> tls =
          TlsCodec.upstream(reading, path + ".transport_socket", match.getTransportSocket());
      if (match.getMatch().equals(MetadataCodec.MESH_TLS)) {
        meshTls = tls;
      } else if (match.getMatch().getFieldsCount() > 0 || tls.isPresent()) {
        reading.refuse(
            path, "(expected: TLS for tlsMode: istio, plaintext for all other endpoints)");
      }
    }
    if (message.hasTransportSocket()) {
      reading.refuse("transport_socket", "beside transport_socket_matches (expected: one of them)");
    }
    return meshTls.<Transport>map(Transport.Auto::new).orElseGet(Transport.Plaintext::new);
  }
}
