package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.PeerAuthentication;
import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.resource.Sidecar.OutboundTraffic;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.Imports;
import dev.meshctl.model.traffic.MeshRoutes;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterNames;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.backing.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What all sidecars of a namespace share for which one Sidecar speaks: what they can reach, and how
 * requests get there.
 *
 * <p>Threads: immutable once made.
 */
final class SidecarScope {
  private static final int HTTP_PORT = 80;

  private final MeshView view;
  private final Key key;
  private final Imports imports;
  private final Clusters.Reachable reachable;
  private final Destinations destinations;
  private final List<OutboundPort> ports = new ArrayList<>();
  private final Set<String> addresses = new HashSet<>();
  private final List<RouteTableConfig> tables;
  private final XdsSnapshot layer;

  /**
   * Sidecars with equal keys are told the same.
   *
   * @param anyAddress where those listen that traffic is redirected to; empty for others
   * @param labels those of the proxy's labels that a route or a DestinationRule asks for
   * @param sidecar that speaks for them
   */
  record Key(
      String namespace,
      String anyAddress,
      Map<String, String> labels,
      ClientPlace place,
      Optional<Sidecar> sidecar) {
    boolean transparent() {
      return !anyAddress.isEmpty();
    }
  }

  /**
   * @param before the same of another inventory and the same mesh; null where there is none
   */
  SidecarScope(MeshView view, Key key, Interning interning, @Nullable SidecarScope before) {
    this.view = view;
    this.key = key;
    this.imports = view.imports(key.namespace(), key.sidecar());
    this.reachable =
        Clusters.of(
            view,
            imports.reachable(),
            key.namespace(),
            key.labels(),
            key.place(),
            interning,
            before == null ? Clusters.Reachable.NOTHING : before.reachable);
    this.destinations =
        new Destinations(
            imports.visible(),
            reachable.clusters().stream().map(ClusterConfig::name).collect(Collectors.toSet()),
            view.grants(),
            view.defaults().retry());
    SidecarHosts hosts = new SidecarHosts(view, key, unknownHost());
    addServices(hosts);
    addForeignHosts(hosts);
    List<RouteTableConfig> tables = hosts.tables().stream().map(reachable::sticking).toList();
    Map<ResourceType, Map<String, XdsResource>> resources = new EnumMap<>(ResourceType.class);
    resources.put(ResourceType.CLUSTER, interning.byName(reachable.clusters()));
    resources.put(ResourceType.ENDPOINTS, interning.byName(reachable.assignments()));
    resources.put(ResourceType.ROUTE, interning.byName(tables));
    if (key.transparent()) {
      List<ListenerConfig> listeners =
          Filters.answeringPreflights(
              reachable.sticking(
                  OutboundListeners.transparent(view, this, key.anyAddress(), key.sidecar())),
              tables);
      listeners.forEach(listener -> addresses.add(listener.address().address()));
      resources.put(
          ResourceType.LISTENER,
          interning.byName(listeners.stream().map(view.defaults()::logged).toList()));
      resources.put(
          ResourceType.NAMES, interning.byName(List.of(Names.of(view, imports.reachable()))));
    }
    this.tables = tables;
    this.layer = new XdsSnapshot(resources);
  }

  /**
   * All that its sidecars are told alike; where capture is explicit, each has listeners of its own.
   */
  XdsSnapshot layer() {
    return layer;
  }

  /** A listener of the layer stands for connections to {@code address}. */
  boolean hasListenerAt(String address) {
    return addresses.contains(address);
  }

  /** Listeners of one sidecar, as the tables and clusters of all want them. */
  List<ListenerConfig> asWanted(List<ListenerConfig> own) {
    return Filters.answeringPreflights(reachable.sticking(own), tables);
  }

  /** Every port of every service, under its own or an alias's address. */
  /** Whoever is behind the port of the service takes mutual TLS only, and there is somebody. */
  boolean onlyByTls(MeshService service, int number) {
    List<Backend> backends = view.backends().of(service);
    return !backends.isEmpty()
        && service.ports().stream()
            .filter(port -> port.number() == number)
            .allMatch(
                port -> backends.stream().allMatch(backend -> onlyByTls(backend, service, port)));
  }

  private boolean onlyByTls(Backend backend, MeshService service, MeshService.Port port) {
    WorkloadInstance instance = backend.instance();
    OptionalInt target = backend.target(service, port);
    return target.isEmpty()
        || (instance.inMesh()
            && view.peerModes().mode(instance.namespace(), instance.labels(), target.getAsInt())
                == PeerAuthentication.Mode.STRICT);
  }

  List<OutboundPort> ports() {
    return ports;
  }

  /** Where connections go that were meant for what nobody has declared, or was not let in. */
  String unknownCluster() {
    OutboundTraffic outbound =
        key.sidecar().flatMap(Sidecar::outboundTraffic).orElseGet(view.defaults()::outbound);
    return switch (outbound.mode()) {
      case REGISTRY_ONLY -> ClusterNames.BLACK_HOLE;
      case ALLOW_ANY ->
          outbound
              .egressProxy()
              .map(proxy -> destinations.cluster(proxy, key.namespace(), proxy.port()))
              .orElse(ClusterNames.PASSTHROUGH);
    };
  }

  private VirtualHost unknownHost() {
    return switch (unknownCluster()) {
      case ClusterNames.BLACK_HOLE -> SidecarHosts.blockAll();
      case String cluster ->
          new VirtualHost("allow_any", List.of("*"), List.of(RouteParts.passthrough(cluster)));
    };
  }

  private void addServices(SidecarHosts hosts) {
    Map<String, List<MeshService>> aliases = new HashMap<>();
    for (MeshService service : imports.services()) {
      MeshService behind = imports.visible().behind(service);
      if (behind != service) {
        aliases.computeIfAbsent(behind.hostname(), h -> new ArrayList<>()).add(service);
      }
    }
    for (MeshService service : imports.services()) {
      if (imports.visible().behind(service) != service) {
        continue;
      }
      List<MeshService> names = new ArrayList<>(List.of(service));
      names.addAll(aliases.getOrDefault(service.hostname(), List.of()));
      for (MeshService.Port port : service.ports()) {
        if (port.protocol() != AppProtocol.UDP) {
          add(hosts, service, names, port);
        }
      }
    }
  }

  private void add(
      SidecarHosts hosts, MeshService service, List<MeshService> names, MeshService.Port port) {
    List<MeshService> sharing = new ArrayList<>();
    for (MeshService name : names) {
      ports.add(outbound(name, service, port));
      if (!port.protocol().isHttp()) {
        continue;
      }
      Optional<List<Route>> own =
          name == service ? Optional.empty() : governed(name, port.number());
      if (own.isPresent()) {
        hosts.add(List.of(name), port.number(), own.get());
      } else {
        sharing.add(name);
      }
    }
    if (port.protocol().isHttp()) {
      hosts.add(
          sharing,
          port.number(),
          governed(service, port.number())
              .orElseGet(() ->
                  List.of(
                      RouteParts.toCluster(
                          destinations.cluster(service, port.number()), destinations.retry()))));
    } else {
      hosts.addTunnel(names, port.number(), destinations.cluster(service, port.number()));
    }
  }

  /** The routes that someone wrote for the service; empty where nobody did. */
  private Optional<List<Route>> governed(MeshService service, int port) {
    for (VirtualService virtualService : imports.virtualServices(service, port)) {
      List<Route> routes = new VirtualServiceRoutes(destinations).of(virtualService, client(port));
      if (!routes.isEmpty()) {
        return Optional.of(routes);
      }
    }
    GatewayApiRoutes bound = new GatewayApiRoutes(destinations);
    imports.httpRoutes(service, port).stream()
        .filter(route -> SidecarHosts.isForPort(route.parents(), service, port))
        .forEach(bound::add);
    imports.grpcRoutes(service, port).stream()
        .filter(route -> SidecarHosts.isForPort(route.parents(), service, port))
        .forEach(bound::add);
    List<Route> sorted = bound.sorted();
    return sorted.isEmpty() ? Optional.empty() : Optional.of(sorted);
  }

  private Client client(int port) {
    return new Client(MeshRoutes.MESH, port, key.namespace(), key.labels());
  }

  /** Hosts that only a VirtualService knows are served at port 80. */
  private void addForeignHosts(SidecarHosts hosts) {
    for (VirtualService virtualService : imports.virtualServices(HTTP_PORT)) {
      for (String host : MeshRoutes.fullHosts(virtualService)) {
        if (!host.equals(HostNames.ANY)
            && !virtualService.http().isEmpty()
            && imports.find(host).isEmpty()
            && !takesInServices(host)) {
          hosts.addForeign(
              host,
              HTTP_PORT,
              new VirtualServiceRoutes(destinations).of(virtualService, client(HTTP_PORT)));
        }
      }
    }
  }

  /** Then it speaks for those, and for nobody else. */
  private boolean takesInServices(String host) {
    return HostNames.isWildcard(host)
        && imports.services().stream()
            .anyMatch(service -> HostNames.matches(host, service.hostname()));
  }

  private OutboundPort outbound(MeshService name, MeshService service, MeshService.Port port) {
    List<WeightedCluster> tcp =
        List.of(WeightedCluster.only(destinations.cluster(service, port.number())));
    List<OutboundPort.ServerNames> byServerName = new ArrayList<>();
    Optional<VirtualService> governing =
        imports.virtualServices(service, port.number()).stream()
            .filter(found -> !found.tcp().isEmpty() || !found.tls().isEmpty())
            .findFirst();
    if (governing.isPresent()) {
      VirtualService virtualService = governing.get();
      VirtualServiceRoutes translation = new VirtualServiceRoutes(destinations);
      String namespace = virtualService.metadata().namespace();
      for (VirtualService.TlsRule rule : virtualService.tls()) {
        if (isAt(rule.ports(), port.number()) && !rule.sniHosts().isEmpty()) {
          byServerName.add(
              new OutboundPort.ServerNames(
                  rule.sniHosts(), translation.clusters(rule.route(), namespace, port.number())));
        }
      }
      tcp =
          virtualService.tcp().stream()
              .filter(rule -> isAt(rule.ports(), port.number()))
              .findFirst()
              .map(rule -> translation.clusters(rule.route(), namespace, port.number()))
              .orElse(tcp);
    }
    Duration idle =
        view.rules()
            .forHost(service, key.namespace(), key.labels())
            .flatMap(rule ->
                TrafficPolicies.tcpIdle(DestinationRules.effectivePolicy(rule, "", port.number())))
            .orElse(Filters.IDLE_TIMEOUT);
    return new OutboundPort(name, port.number(), port.protocol(), tcp, byServerName, idle);
  }

  private static boolean isAt(List<Integer> ports, int port) {
    return ports.isEmpty() || ports.contains(port);
  }
}
