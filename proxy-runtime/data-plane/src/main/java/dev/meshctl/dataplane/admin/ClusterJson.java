package dev.meshctl.dataplane.admin;

import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.UpstreamOptions;
import dev.meshctl.model.xds.UpstreamTls;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Clusters and endpoints as in {@code envoy.config.cluster.v3} and {@code endpoint.v3}. */
final class ClusterJson {
  private static final String HTTP_OPTIONS =
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

  private ClusterJson() {}

  static void write(ObjectNode to, ClusterConfig cluster) {
    to.put("name", cluster.name());
    discovery(to, cluster.discovery());
    to.put("connect_timeout", ConfigJson.seconds(cluster.connectTimeout()));
    to.put("lb_policy", cluster.loadBalancing().name());
    ObjectNode limits = to.putObject("circuit_breakers").putArray("thresholds").addObject();
    limits.put("max_connections", cluster.circuitBreakers().maxConnections());
    limits.put("max_pending_requests", cluster.circuitBreakers().maxPendingRequests());
    limits.put("max_requests", cluster.circuitBreakers().maxRequests());
    limits.put("max_retries", cluster.circuitBreakers().maxRetries());
    cluster
        .outlierDetection()
        .ifPresent(detection -> {
          ObjectNode outlier = to.putObject("outlier_detection");
          outlier.put("consecutive_5xx", detection.consecutive5xx());
          outlier.put("consecutive_gateway_failure", detection.consecutiveGatewayErrors());
          outlier.put("interval", ConfigJson.seconds(detection.interval()));
          outlier.put("base_ejection_time", ConfigJson.seconds(detection.baseEjectionTime()));
          outlier.put("max_ejection_percent", detection.maxEjectionPercent());
        });
    transport(to, cluster.transport());
    protocol(to, cluster.protocol(), cluster.upstream());
    if (cluster.upstream().bufferBytes() > 0) {
      to.put("per_connection_buffer_limit_bytes", cluster.upstream().bufferBytes());
    }
    ObjectNode istio = to.putObject("metadata").putObject("filter_metadata").putObject("istio");
    istio
        .putArray("services")
        .addObject()
        .put("host", cluster.service().host())
        .put("name", cluster.service().name())
        .put("namespace", cluster.service().namespace());
    if (!cluster.service().subset().isEmpty()) {
      istio.put("subset", cluster.service().subset());
    }
  }

  private static void discovery(ObjectNode to, Discovery discovery) {
    switch (discovery) {
      case Discovery.Eds eds -> {
        to.put("type", "EDS");
        ObjectNode config = to.putObject("eds_cluster_config");
        config.putObject("eds_config").putObject("ads");
        config.put("service_name", eds.serviceName());
      }
      case Discovery.Static fixed -> {
        to.put("type", "STATIC");
        write(to.putObject("load_assignment"), fixed.endpoints());
      }
      case Discovery.StrictDns dns -> {
        to.put("type", "STRICT_DNS");
        write(to.putObject("load_assignment"), dns.names());
      }
      case Discovery.OriginalDestination original -> {
        to.put("type", "ORIGINAL_DST");
        to.put("lb_policy", "CLUSTER_PROVIDED");
      }
    }
  }

  private static void transport(ObjectNode to, Transport transport) {
    switch (transport) {
      case Transport.Plaintext plain -> {}
      case Transport.Tls tls -> tls(to.putObject("transport_socket"), tls.tls());
      case Transport.Auto auto -> {
        ArrayNode matches = to.putArray("transport_socket_matches");
        ObjectNode mesh = matches.addObject().put("name", "tlsMode-istio");
        mesh.putObject("match").put("tlsMode", "istio");
        tls(mesh.putObject("transport_socket"), auto.tls());
        ObjectNode plain = matches.addObject().put("name", "tlsMode-disabled");
        plain.putObject("match");
        plain.putObject("transport_socket").put("name", "envoy.transport_sockets.raw_buffer");
      }
    }
  }

  private static void tls(ObjectNode to, UpstreamTls tls) {
    ObjectNode config =
        ConfigJson.tls(
            to,
            "UpstreamTlsContext",
            tls.certificateSecret(),
            tls.trustSecret(),
            tls.alpn(),
            tls.serverSans());
    if (!tls.sni().isEmpty()) {
      config.put("sni", tls.sni());
    }
  }

  private static void protocol(ObjectNode to, UpstreamProtocol protocol, UpstreamOptions upstream) {
    ObjectNode options = to.putObject("typed_extension_protocol_options").putObject(HTTP_OPTIONS);
    options.put("@type", "type.googleapis.com/" + HTTP_OPTIONS);
    OptionsJson.upstream(options.putObject("common_http_protocol_options"), upstream);
    switch (protocol) {
      case HTTP1 -> options.putObject("explicit_http_config").putObject("http_protocol_options");
      case HTTP2 ->
          OptionsJson.http2(
              options.putObject("explicit_http_config").putObject("http2_protocol_options"),
              upstream.limits().http2());
      case DOWNSTREAM -> {
        ObjectNode both = options.putObject("use_downstream_protocol_config");
        both.putObject("http_protocol_options");
        OptionsJson.http2(both.putObject("http2_protocol_options"), upstream.limits().http2());
      }
    }
  }

  static void write(ObjectNode to, LoadAssignment assignment) {
    to.put("cluster_name", assignment.name());
    ArrayNode localities = to.putArray("endpoints");
    for (LocalityEndpoints locality : assignment.localities()) {
      ObjectNode node = localities.addObject();
      node.putObject("locality")
          .put("region", locality.locality().region())
          .put("zone", locality.locality().zone())
          .put("sub_zone", locality.locality().subZone());
      node.put("priority", locality.priority());
      if (locality.weight() > 0) {
        node.put("load_balancing_weight", locality.weight());
      }
      ArrayNode hosts = node.putArray("lb_endpoints");
      locality.endpoints().forEach(endpoint -> host(hosts.addObject(), endpoint));
    }
  }

  private static void host(ObjectNode to, Endpoint endpoint) {
    ConfigJson.address(to.putObject("endpoint"), endpoint.address());
    to.put("health_status", endpoint.health().name());
    to.put("load_balancing_weight", endpoint.weight());
    ObjectNode metadata = to.putObject("metadata").putObject("filter_metadata");
    if (endpoint.meshTls()) {
      metadata.putObject("envoy.transport_socket_match").put("tlsMode", "istio");
    }
    if (!endpoint.workload().name().isEmpty()) {
      metadata
          .putObject("istio")
          .put(
              "workload",
              "%s;%s;%s;%s"
                  .formatted(
                      endpoint.workload().name(),
                      endpoint.workload().namespace(),
                      endpoint.workload().app(),
                      endpoint.workload().version()));
    }
  }
}
