package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.AuthorizationPolicy.Target;
import dev.meshctl.model.resource.AuthorizationPolicy.TargetKind;
import dev.meshctl.model.resource.GatewayClass;
import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.traffic.GatewayBindings.Bound;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.translation.AccessPolicies.Attached;
import dev.meshctl.model.xds.translation.AccessPolicies.Place;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a gateway is told: the ports of the Gateways that select it, then node ports of Services,
 * then ports of LoadBalancer Services that are still free.
 *
 * <p>Threads: immutable once made.
 */
final class EdgeScope {
  private final MeshView view;
  private final Key key;
  private final Destinations destinations;
  private final Map<Integer, ListenerConfig> listeners = new TreeMap<>();
  private final Map<Integer, Set<Attached>> gateways = new HashMap<>();
  private final Map<Integer, EdgeTables> tables = new TreeMap<>();
  private final List<RouteTableConfig> direct = new ArrayList<>();
  private final Clusters.Reachable reachable;
  private final XdsSnapshot layer;

  record Key(String namespace, String bindAddress, Map<String, String> labels, ClientPlace place) {}

  EdgeScope(MeshView view, Key key, Interning interning) {
    this.view = view;
    this.key = key;
    this.reachable = Clusters.of(view, key.namespace(), key.place());
    this.destinations =
        new Destinations(
            view.services(),
            reachable.clusters().stream().map(ClusterConfig::name).collect(Collectors.toSet()));
    view.mesh().all(IstioGateway.class).stream().filter(this::selects).forEach(this::add);
    Set<String> ours =
        view.mesh().all(GatewayClass.class).stream()
            .filter(kind -> kind.controllerName().equals(GatewayClass.OUR_CONTROLLER))
            .map(kind -> kind.metadata().name())
            .collect(Collectors.toSet());
    view.mesh().all(KubernetesGateway.class).stream()
        .filter(gateway -> ours.contains(gateway.gatewayClassName()))
        .forEach(this::add);
    List<Service> services = view.mesh().all(Service.class);
    services.forEach(this::addNodePorts);
    services.forEach(this::addLoadBalancer);
    Map<ResourceType, Map<String, XdsResource>> resources = new EnumMap<>(ResourceType.class);
    resources.put(ResourceType.CLUSTER, interning.byName(reachable.clusters()));
    resources.put(ResourceType.ENDPOINTS, interning.byName(reachable.assignments()));
    resources.put(ResourceType.LISTENER, interning.byName(listeners()));
    resources.put(ResourceType.ROUTE, interning.byName(routes()));
    this.layer = new XdsSnapshot(resources);
  }

  /** All that its gateways are told. */
  XdsSnapshot layer() {
    return layer;
  }

  private List<ListenerConfig> listeners() {
    List<ListenerConfig> guarded = new ArrayList<>();
    listeners.forEach((port, listener) ->
        guarded.add(
            view.access()
                .guarded(
                    listener,
                    new Place(
                        key.namespace(), key.labels(), gateways.getOrDefault(port, Set.of())))));
    return guarded;
  }

  private List<RouteTableConfig> routes() {
    List<RouteTableConfig> all = new ArrayList<>(direct);
    tables.values().forEach(table -> all.add(table.table()));
    all.replaceAll(reachable::sticking);
    return all;
  }

  /** A gateway that says nothing of itself (a plain Envoy) serves every Gateway. */
  private boolean selects(IstioGateway gateway) {
    return key.labels().isEmpty()
        || key.labels().entrySet().containsAll(gateway.selector().entrySet());
  }

  private void add(IstioGateway gateway) {
    String name = gateway.metadata().namespace() + "/" + gateway.metadata().name();
    for (IstioGateway.Server server : gateway.servers()) {
      List<Bound<VirtualService>> bound = view.bindings().virtualServices(gateway, server);
      switch (server.protocol()) {
        case HTTP, HTTP2, GRPC, GRPC_WEB, UNKNOWN ->
            http(server.port()).ifPresent(table -> addHttp(table, name, server.port(), bound));
        case TCP -> addTcp(server.port(), bound);
        case TLS, HTTPS -> addPassthrough(server.port(), bound);
        case UDP -> {}
      }
    }
  }

  private void addHttp(
      EdgeTables table, String gateway, int port, List<Bound<VirtualService>> bound) {
    VirtualServiceRoutes translation = new VirtualServiceRoutes(destinations);
    Client client = new Client(gateway, port, key.namespace(), key.labels());
    for (Bound<VirtualService> one : bound) {
      if (!one.route().http().isEmpty()) {
        one.hosts()
            .forEach(host -> table.add(host, translation.of(one.route(), client), destinations));
      }
    }
  }

  private void addTcp(int port, List<Bound<VirtualService>> bound) {
    for (Bound<VirtualService> one : bound) {
      for (VirtualService.TcpRule rule : one.route().tcp()) {
        if (rule.ports().isEmpty() || rule.ports().contains(port)) {
          listeners.putIfAbsent(
              port, listener(port, AppProtocol.TCP, clusters(one, rule.route(), port), List.of()));
        }
      }
    }
  }

  private void addPassthrough(int port, List<Bound<VirtualService>> bound) {
    List<OutboundPort.ServerNames> names = new ArrayList<>();
    for (Bound<VirtualService> one : bound) {
      for (VirtualService.TlsRule rule : one.route().tls()) {
        if ((rule.ports().isEmpty() || rule.ports().contains(port)) && !rule.sniHosts().isEmpty()) {
          names.add(
              new OutboundPort.ServerNames(rule.sniHosts(), clusters(one, rule.route(), port)));
        }
      }
    }
    if (!names.isEmpty()) {
      List<WeightedCluster> nowhere = List.of(WeightedCluster.only(ClusterNames.BLACK_HOLE));
      listeners.putIfAbsent(port, listener(port, AppProtocol.TLS, nowhere, names));
    }
  }

  private List<WeightedCluster> clusters(
      Bound<VirtualService> bound, List<VirtualService.RouteDestination> route, int port) {
    return new VirtualServiceRoutes(destinations)
        .clusters(route, bound.route().metadata().namespace(), port);
  }

  private void add(KubernetesGateway gateway) {
    for (KubernetesGateway.Listener listener : gateway.listeners()) {
      if (!listener.protocol().isHttp()) {
        continue;
      }
      http(listener.port())
          .ifPresent(table -> {
            gateways
                .computeIfAbsent(listener.port(), port -> new HashSet<>())
                .add(
                    new Attached(
                        gateway.metadata().namespace(),
                        new Target(TargetKind.GATEWAY, gateway.metadata().name())));
            view.bindings()
                .httpRoutes(gateway, listener)
                .forEach(bound ->
                    bound
                        .hosts()
                        .forEach(host -> table.gatewayApi(host, destinations).add(bound.route())));
            view.bindings()
                .grpcRoutes(gateway, listener)
                .forEach(bound ->
                    bound
                        .hosts()
                        .forEach(host -> table.gatewayApi(host, destinations).add(bound.route())));
          });
    }
  }

  /** The table of an HTTP port; empty where the port is taken by something else. */
  private Optional<EdgeTables> http(int port) {
    EdgeTables known = tables.get(port);
    if (known != null) {
      return Optional.of(known);
    }
    if (listeners.containsKey(port)) {
      return Optional.empty();
    }
    listeners.put(port, listener(port, AppProtocol.HTTP, List.of(), List.of()));
    EdgeTables fresh = new EdgeTables("http." + port, port);
    tables.put(port, fresh);
    return Optional.of(fresh);
  }

  private ListenerConfig listener(
      int port,
      AppProtocol protocol,
      List<WeightedCluster> tcp,
      List<OutboundPort.ServerNames> names) {
    return edgeListener(
        OutboundPort.listenerName(key.bindAddress(), port),
        port,
        "http." + port,
        new OutboundPort(NOBODY, port, protocol, tcp, names));
  }

  private static final MeshService NOBODY =
      new MeshService("", "", "", List.of(), new MeshService.Backing.Workloads(Map.of(), false));

  private ListenerConfig edgeListener(String name, int port, String routes, OutboundPort how) {
    return how.listenerAt(name, new SocketEndpoint(key.bindAddress(), port), true, routes)
        .mapChains(Filters::fromOutside);
  }

  private void addNodePorts(Service service) {
    for (Service.Port port : service.ports()) {
      if (port.nodePort() != 0) {
        addDirect("nodeport_" + port.nodePort(), port.nodePort(), service, port);
      }
    }
  }

  private void addLoadBalancer(Service service) {
    if (service.type() == Service.Type.LOAD_BALANCER) {
      for (Service.Port port : service.ports()) {
        addDirect("loadbalancer_" + port.port(), port.port(), service, port);
      }
    }
  }

  /** Straight to a service, whatever the host: as a node's or balancer's port is. */
  private void addDirect(String name, int listenerPort, Service service, Service.Port port) {
    Optional<MeshService> known =
        view.services().service(service.metadata().namespace(), service.metadata().name());
    if (known.isEmpty()
        || port.protocol() == AppProtocol.UDP
        || listeners.containsKey(listenerPort)) {
      return;
    }
    String cluster = destinations.cluster(known.get(), port.port());
    listeners.put(
        listenerPort,
        edgeListener(
            name,
            listenerPort,
            name,
            new OutboundPort(
                known.get(),
                listenerPort,
                port.protocol(),
                List.of(WeightedCluster.only(cluster)),
                List.of())));
    if (port.protocol().isHttp()) {
      direct.add(
          new RouteTableConfig(
              name,
              List.of(
                  new VirtualHost(name, List.of("*"), List.of(RouteParts.toCluster(cluster))))));
    }
  }
}
