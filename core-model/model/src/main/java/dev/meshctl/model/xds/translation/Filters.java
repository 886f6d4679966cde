package dev.meshctl.model.xds.translation;

import dev.meshctl.model.xds.ClusterNames;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.FilterChain.ChainMatch;
import dev.meshctl.model.xds.FilterChain.Transport;
import dev.meshctl.model.xds.HttpLimits;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.HttpOptions.ClientAddress;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.NetworkFilter.Codec;
import dev.meshctl.model.xds.NetworkFilter.ForwardClientCert;
import dev.meshctl.model.xds.NetworkFilter.HttpConnection;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import dev.meshctl.model.xds.NetworkFilter.Routes;
import dev.meshctl.model.xds.NetworkFilter.TcpProxy;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.Headers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Filters and chains with the defaults of this mesh. */
final class Filters {
  /** How long to wait for first bytes where the client may be waiting for the server's. */
  static final Duration DETECT_TIMEOUT = Duration.ofSeconds(1);

  /** How long a client may take to begin where it must speak first. */
  static final Duration FIRST_BYTES_TIMEOUT = Duration.ofSeconds(15);

  /** Without anything to say. */
  static final Duration IDLE_TIMEOUT = Duration.ofHours(1);

  private static final List<String> DETECTED_HTTP = List.of("http/1.0", "http/1.1", "h2c");

  // A web socket goes through the mesh in HTTP/2 too (RFC 8441).
  private static final HttpOptions OPTIONS =
      HttpOptions.DEFAULT.withLimits(HttpLimits.DEFAULT.withConnect());

  /** Name of the filter that answers preflights; routes give it their policies by it. */
  static final String CORS = "envoy.filters.http.cors";

  private Filters() {}

  /** HTTP from clients that we speak for: other services come after. */
  static NetworkFilter outboundHttp(String statPrefix, String routes) {
    return outboundHttp(statPrefix, routes, ForwardClientCert.SANITIZE);
  }

  /** The same, with what others are told of the client's certificate. */
  static NetworkFilter outboundHttp(
      String statPrefix, String routes, ForwardClientCert forwardClientCert) {
    return http(
        statPrefix, new Routes.Named(routes), List.of(new HttpFilter.Fault()), forwardClientCert);
  }

  /** The same listeners, answering preflights where routes of their table ask for it. */
  static List<ListenerConfig> answeringPreflights(
      List<ListenerConfig> listeners, Collection<RouteTableConfig> tables) {
    Set<String> asking =
        tables.stream()
            .filter(table ->
                table.hosts().stream()
                    .flatMap(host -> host.routes().stream())
                    .anyMatch(route -> !route.overrides().cors().isEmpty()))
            .map(RouteTableConfig::name)
            .collect(Collectors.toSet());
    return asking.isEmpty()
        ? listeners
        : listeners.stream()
            .map(listener -> listener.mapChains(chain -> answeringPreflights(chain, asking)))
            .toList();
  }

  private static FilterChain answeringPreflights(FilterChain chain, Set<String> asking) {
    if (!(chain.filter() instanceof HttpConnection http)
        || !(http.routes() instanceof Routes.Named(var table))
        || !asking.contains(table)) {
      return chain;
    }
    List<HttpFilter> filters = new ArrayList<>();
    filters.add(new HttpFilter.Cors(CORS));
    filters.addAll(http.filters());
    return chain.with(chain.access(), http.withFilters(filters));
  }

  static NetworkFilter http(
      String statPrefix,
      Routes routes,
      List<HttpFilter> filters,
      ForwardClientCert forwardClientCert) {
    return new HttpConnection(
        statPrefix,
        Codec.AUTO,
        routes,
        filters,
        Duration.ZERO,
        Duration.ZERO,
        IDLE_TIMEOUT,
        List.of(),
        forwardClientCert,
        Duration.ZERO,
        Duration.ZERO,
        OPTIONS);
  }

  /** Clients come by themselves: who they are is not for them to say. */
  static FilterChain fromOutside(FilterChain chain) {
    return switch (chain.filter()) {
      case TcpProxy tcp -> chain;
      case HttpConnection http ->
          chain.with(
              chain.access(),
              http.withOptions(http.options().withClient(ClientAddress.FROM_OUTSIDE)));
    };
  }

  static NetworkFilter tcp(String statPrefix, String cluster) {
    return tcp(statPrefix, List.of(WeightedCluster.only(cluster)));
  }

  static NetworkFilter tcp(String statPrefix, List<WeightedCluster> clusters) {
    return tcp(statPrefix, clusters, IDLE_TIMEOUT);
  }

  /** By weight; what takes nothing is left out. */
  static NetworkFilter tcp(String statPrefix, List<WeightedCluster> clusters, Duration idle) {
    List<WeightedCluster> taking =
        clusters.stream()
            .filter(cluster -> cluster.weight() > 0)
            .map(cluster -> new WeightedCluster(cluster.cluster(), cluster.weight(), Headers.NONE))
            .toList();
    return new TcpProxy(
        statPrefix,
        taking.isEmpty() ? List.of(WeightedCluster.only(ClusterNames.BLACK_HOLE)) : taking,
        idle,
        false);
  }

  static FilterChain chain(String name, NetworkFilter filter) {
    return new FilterChain(name, ChainMatch.ANY, Optional.empty(), filter);
  }

  /** For connections whose first bytes were HTTP in the clear. */
  static FilterChain detectedHttp(String name, NetworkFilter filter) {
    return new FilterChain(
        name,
        new ChainMatch(0, List.of(), List.of(), Transport.RAW, DETECTED_HTTP),
        Optional.empty(),
        filter);
  }

  /** TLS to some names, passed through. */
  static FilterChain serverNames(String name, List<String> names, NetworkFilter filter) {
    return serverNames(name, names, Optional.empty(), filter);
  }

  /** TLS to some names, or to any where there are none; ended here by {@code tls}. */
  static FilterChain serverNames(
      String name, List<String> names, Optional<DownstreamTls> tls, NetworkFilter filter) {
    return new FilterChain(
        name, new ChainMatch(0, List.of(), names, Transport.TLS, List.of()), tls, filter);
  }
}
