package dev.meshctl.model.xds.translation;

import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterNames;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.UpstreamTls;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What gRPC clients are told that have no proxy and take xDS themselves: for each port of a service
 * that speaks HTTP an API listener by every name of it ({@code xds:///NAME:PORT}), and the tables,
 * clusters and endpoints of the sidecars in the words that gRPC has for them (gRFC A27, A28, A29,
 * A42). Connections are in the clear, which PERMISSIVE workloads take, unless a DestinationRule
 * demands ISTIO_MUTUAL or all who are behind a port are STRICT: then with what the client's own
 * certificate provider {@value #PROVIDER} gives, as in Istio. TLS of other kinds that a
 * DestinationRule demands stays, and gRPC refuses the cluster.
 *
 * <p>Threads: immutable once made.
 */
final class ProxylessScope {
  /** Of the client's bootstrap; Istio's agent calls it so. */
  private static final String PROVIDER = "default";

  private final XdsSnapshot layer;

  ProxylessScope(SidecarScope sidecars, String namespace, Interning interning) {
    Map<ResourceType, Map<String, XdsResource>> told = new EnumMap<>(sidecars.layer().resources());
    told.remove(ResourceType.NAMES);
    told.put(ResourceType.LISTENER, interning.byName(listeners(sidecars, namespace)));
    Set<String> strict = onlyByTls(sidecars);
    Map<String, XdsResource> clusters = new LinkedHashMap<>();
    told.getOrDefault(ResourceType.CLUSTER, Map.of())
        .forEach((name, cluster) -> clusters.put(name, spoken((ClusterConfig) cluster, strict)));
    told.put(ResourceType.CLUSTER, interning.byName(List.copyOf(clusters.values())));
    Map<String, XdsResource> endpoints = new LinkedHashMap<>();
    told.getOrDefault(ResourceType.ENDPOINTS, Map.of())
        .forEach((name, assignment) -> endpoints.put(name, weighed((LoadAssignment) assignment)));
    told.put(ResourceType.ENDPOINTS, interning.byName(List.copyOf(endpoints.values())));
    Map<String, XdsResource> tables = new LinkedHashMap<>();
    told.getOrDefault(ResourceType.ROUTE, Map.of())
        .forEach((name, table) -> tables.put(name, withPorts((RouteTableConfig) table)));
    told.put(ResourceType.ROUTE, interning.byName(List.copyOf(tables.values())));
    layer = new XdsSnapshot(told);
  }

  XdsSnapshot layer() {
    return layer;
  }

  private static List<ListenerConfig> listeners(SidecarScope sidecars, String namespace) {
    List<ListenerConfig> listeners = new ArrayList<>();
    for (OutboundPort port : sidecars.ports()) {
      if (port.protocol().isHttp()) {
        for (String name : names(port.service(), namespace)) {
          listeners.add(listener(name + ":" + port.number(), port.routes()));
        }
      }
    }
    return listeners;
  }

  private static List<String> names(MeshService service, String namespace) {
    List<String> names = new ArrayList<>(List.of(service.hostname()));
    if (service.backing() instanceof MeshService.Backing.Workloads) {
      String qualified = service.name() + "." + service.namespace();
      names.add(qualified + ".svc");
      names.add(qualified);
      if (service.namespace().equals(namespace)) {
        names.add(service.name());
      }
    }
    return names;
  }

  private static ListenerConfig listener(String target, String routes) {
    return new ListenerConfig(
        target,
        ListenerConfig.Direction.OUTBOUND,
        SocketEndpoint.NONE,
        false,
        false,
        false,
        Duration.ZERO,
        List.of(Filters.chain("api", Filters.outboundHttp("outbound_" + target, routes))),
        Optional.empty());
  }

  /** {@code HOST:PORT} of where nothing but mutual TLS is taken. */
  private static Set<String> onlyByTls(SidecarScope sidecars) {
    Set<String> strict = new HashSet<>();
    for (OutboundPort port : sidecars.ports()) {
      if (sidecars.onlyByTls(port.service(), port.number())) {
        strict.add(port.service().hostname() + ":" + port.number());
      }
    }
    return strict;
  }

  private static Transport transport(ClusterConfig cluster, Set<String> strict) {
    return switch (cluster.transport()) {
      case Transport.Plaintext() -> cluster.transport();
      case Transport.Auto(var tls) ->
          ClusterNames.outboundPort(cluster.name())
              .map(port -> cluster.service().host() + ":" + port)
              .filter(strict::contains)
              .<Transport>map(only -> new Transport.Tls(provided(tls)))
              .orElseGet(Transport.Plaintext::new);
      case Transport.Tls(var tls) ->
          tls.trustSecret().equals(SecretConfig.TRUST_BUNDLE)
              ? new Transport.Tls(provided(tls))
              : cluster.transport();
    };
  }

  /** The same servers, verified by what the client has; it asks for no name, and for h2 anyway. */
  private static UpstreamTls provided(UpstreamTls tls) {
    String instance = SecretConfig.PROVIDED + PROVIDER;
    return new UpstreamTls(instance, instance, "", List.of(), tls.serverSans());
  }

  /**
   * gRPC looks for its target as it is written, with the port; that ports may be ignored it does
   * not know. Tables are named by their port.
   */
  private static RouteTableConfig withPorts(RouteTableConfig table) {
    if (!table.ignorePort()) {
      return table;
    }
    return new RouteTableConfig(
        table.name(),
        table.hosts().stream()
            .map(host ->
                host.withDomains(
                    host.domains().stream()
                        .flatMap(domain ->
                            domain.equals(HostNames.ANY)
                                ? Stream.of(domain)
                                : Stream.of(domain, domain + ":" + table.name()))
                        .toList()))
            .toList(),
        table.headers(),
        table.mostSpecificHeadersWin(),
        table.overrides(),
        false);
  }

  /** Round robin or a ring, which every gRPC has. */
  private static ClusterConfig spoken(ClusterConfig cluster, Set<String> strict) {
    return new ClusterConfig(
        cluster.name(),
        cluster.discovery(),
        cluster.connectTimeout(),
        switch (cluster.loadBalancing()) {
          case RING_HASH, MAGLEV -> LoadBalancing.RING_HASH;
          case LEAST_REQUEST, ROUND_ROBIN, RANDOM, PEAK_EWMA -> LoadBalancing.ROUND_ROBIN;
        },
        transport(cluster, strict),
        ClusterConfig.UpstreamProtocol.HTTP2,
        cluster.circuitBreakers(),
        cluster.outlierDetection(),
        cluster.service(),
        cluster.balancing(),
        Optional.empty());
  }

  /** With a weight for each locality: gRPC passes over those without. */
  private static LoadAssignment weighed(LoadAssignment assignment) {
    return new LoadAssignment(
        assignment.name(),
        assignment.localities().stream()
            .map(group ->
                group.weight() > 0
                    ? group
                    : new LocalityEndpoints(
                        group.locality(),
                        group.priority(),
                        Math.max(1, group.endpoints().size()),
                        group.endpoints()))
            .toList(),
        assignment.overprovisioning());
  }
}
