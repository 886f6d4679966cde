package dev.meshctl.dataplane.admin;

import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.FilterChain.ChainMatch;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import dev.meshctl.model.xds.NetworkFilter.Routes;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Listeners as in {@code envoy.config.listener.v3}. */
final class ListenerJson {
  private static final String FILTERS = "type.googleapis.com/envoy.extensions.filters.network.";

  private ListenerJson() {}

  static void write(ObjectNode to, ListenerConfig listener) {
    to.put("name", listener.name());
    ConfigJson.address(to, listener.address());
    to.put("traffic_direction", listener.direction().name());
    to.put("bind_to_port", listener.bindToPort());
    to.put("use_original_dst", listener.useOriginalDestination());
    if (listener.bufferBytes() > 0) {
      to.put("per_connection_buffer_limit_bytes", listener.bufferBytes());
    }
    if (listener.detectProtocol()) {
      ArrayNode inspectors = to.putArray("listener_filters");
      inspectors.addObject().put("name", "envoy.filters.listener.tls_inspector");
      inspectors.addObject().put("name", "envoy.filters.listener.http_inspector");
      to.put("listener_filters_timeout", ConfigJson.seconds(listener.detectTimeout()));
    }
    ArrayNode chains = to.putArray("filter_chains");
    listener.chains().forEach(chain -> chain(chains.addObject(), chain));
    listener.defaultChain().ifPresent(chain -> chain(to.putObject("default_filter_chain"), chain));
  }

  private static void chain(ObjectNode to, FilterChain chain) {
    to.put("name", chain.name());
    match(to.putObject("filter_chain_match"), chain.match());
    ArrayNode networkFilters = to.putArray("filters");
    chain
        .limit()
        .ifPresent(limit ->
            networkFilters
                .addObject()
                .put("name", "envoy.filters.network.connection_limit")
                .putObject("typed_config")
                .put("@type", FILTERS + "connection_limit.v3.ConnectionLimit")
                .put("stat_prefix", limit.statPrefix())
                .put("max_connections", limit.maxConnections())
                .put("delay", ConfigJson.seconds(limit.delay())));
    chain
        .access()
        .forEach(access -> networkFilters.addObject().put("name", "envoy.filters.network.rbac"));
    ObjectNode filter = networkFilters.addObject();
    switch (chain.filter()) {
      case NetworkFilter.HttpConnection http -> http(filter, http);
      case NetworkFilter.TcpProxy tcp -> tcp(filter, tcp);
    }
    chain
        .tls()
        .ifPresent(tls ->
            ConfigJson.tls(
                    to.putObject("transport_socket"),
                    "DownstreamTlsContext",
                    tls.certificateSecret(),
                    tls.trustSecret(),
                    tls.alpn(),
                    tls.clientSans())
                .put("require_client_certificate", tls.requireClientCertificate()));
  }

  private static void match(ObjectNode to, ChainMatch match) {
    if (match.destinationPort() != 0) {
      to.put("destination_port", match.destinationPort());
    }
    match
        .destinationPrefixes()
        .forEach(cidr ->
            to.withArray("prefix_ranges")
                .addObject()
                .put("address_prefix", cidr.address())
                .put("prefix_len", cidr.prefixLength()));
    match.serverNames().forEach(name -> to.withArray("server_names").add(name));
    match.applicationProtocols().forEach(p -> to.withArray("application_protocols").add(p));
    switch (match.transport()) {
      case ANY -> {}
      case RAW -> to.put("transport_protocol", "raw_buffer");
      case TLS -> to.put("transport_protocol", "tls");
    }
  }

  private static void http(ObjectNode to, NetworkFilter.HttpConnection http) {
    to.put("name", "envoy.filters.network.http_connection_manager");
    ObjectNode config = to.putObject("typed_config");
    config.put("@type", FILTERS + "http_connection_manager.v3.HttpConnectionManager");
    config.put("stat_prefix", http.statPrefix());
    config.put("codec_type", http.codec().name());
    switch (http.routes()) {
      case Routes.Named named -> {
        ObjectNode rds = config.putObject("rds").put("route_config_name", named.name());
        rds.putObject("config_source").putObject("ads");
      }
      case Routes.Inline inline ->
          RouteJson.write(config.putObject("route_config"), inline.table());
    }
    ArrayNode filters = config.putArray("http_filters");
    for (HttpFilter filter : http.filters()) {
      switch (filter) {
        case HttpFilter.Cors cors -> filters.addObject().put("name", cors.name());
        case HttpFilter.GrpcWeb web -> filters.addObject().put("name", web.name());
        case HttpFilter.Access access -> filters.addObject().put("name", access.name());
        case HttpFilter.Concurrency adaptive -> filters.addObject().put("name", adaptive.name());
        case HttpFilter.Admission admission -> filters.addObject().put("name", admission.name());
        case HttpFilter.Fault fault -> filters.addObject().put("name", "envoy.filters.http.fault");
      }
    }
    filters.addObject().put("name", "envoy.filters.http.router");
    config.put("stream_idle_timeout", ConfigJson.seconds(http.streamIdleTimeout()));
    config.put("request_timeout", ConfigJson.seconds(http.requestTimeout()));
    ObjectNode common = config.putObject("common_http_protocol_options");
    common.put("idle_timeout", ConfigJson.seconds(http.idleTimeout()));
    OptionsJson.manager(config, common, http.options());
    config.put("forward_client_cert_details", http.forwardClientCert().name());
  }

  private static void tcp(ObjectNode to, NetworkFilter.TcpProxy tcp) {
    to.put("name", "envoy.filters.network.tcp_proxy");
    ObjectNode config = to.putObject("typed_config");
    config.put("@type", FILTERS + "tcp_proxy.v3.TcpProxy");
    config.put("stat_prefix", tcp.statPrefix());
    if (tcp.clusters().size() == 1) {
      config.put("cluster", tcp.clusters().getFirst().cluster());
    } else {
      ArrayNode clusters = config.putObject("weighted_clusters").putArray("clusters");
      tcp.clusters()
          .forEach(c -> clusters.addObject().put("name", c.cluster()).put("weight", c.weight()));
    }
    config.put("idle_timeout", ConfigJson.seconds(tcp.idleTimeout()));
  }
}
