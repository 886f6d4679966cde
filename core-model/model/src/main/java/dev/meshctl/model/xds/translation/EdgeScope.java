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
import dev.meshctl.model.traffic.ServiceRegistry;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.NetworkFilter.ForwardClientCert;
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
import java.util.stream.Stream;

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
  private final Map<Integer, EdgeTls> secure = new TreeMap<>();
  private final List<EdgeTables> secureTables = new ArrayList<>();
  private final List<RouteTableConfig> direct = new ArrayList<>();
  private final EdgeSecrets secrets;
  private final Clusters.Reachable reachable;
  private final XdsSnapshot layer;

  /**
   * Gateways with equal keys are told the same.
   *
   * @param serviceAccount as proved
   */
  record Key(
      String namespace,
      String serviceAccount,
      String bindAddress,
      Map<String, String> labels,
      ClientPlace place) {}

  EdgeScope(MeshView view, Key key, Interning interning) {
    this.view = view;
    this.key = key;
    ServiceRegistry visible = view.services().visibleTo(key.namespace());
    this.reachable = Clusters.of(view, visible.all(), key.namespace(), key.place());
    this.destinations =
        new Destinations(
            visible,
            reachable.clusters().stream().map(ClusterConfig::name).collect(Collectors.toSet()),
            view.grants());
    this.secrets = new EdgeSecrets(view, key);
    view.mesh().all(IstioGateway.class).stream().filter(this::selects).forEach(this::add);
    Set<String> ours =
        view.mesh().all(GatewayClass.class).stream()
            .filter(kind -> kind.controllerName().equals(GatewayClass.OUR_CONTROLLER))
            .map(kind -> kind.metadata().name())
            .collect(Collectors.toSet());
    view.mesh().all(KubernetesGateway.class).stream()
        .filter(gateway -> ours.contains(gateway.gatewayClassName()))
        .forEach(this::add);
    // Envoy takes no listener without a chain.
    secure.values().removeIf(EdgeTls::isEmpty);
    secure.forEach((port, tls) ->
        listeners.put(
            port,
            tls.listener(
                OutboundPort.listenerName(key.bindAddress(), port),
                new SocketEndpoint(key.bindAddress(), port))));
    List<Service> services = view.mesh().all(Service.class);
    services.forEach(this::addNodePorts);
    services.forEach(this::addLoadBalancer);
    Map<ResourceType, Map<String, XdsResource>> resources = new EnumMap<>(ResourceType.class);
    resources.put(ResourceType.CLUSTER, interning.byName(reachable.clusters()));
    resources.put(ResourceType.ENDPOINTS, interning.byName(reachable.assignments()));
    resources.put(ResourceType.LISTENER, interning.byName(listeners()));
    resources.put(ResourceType.ROUTE, interning.byName(routes()));
    resources.put(ResourceType.SECRET, interning.byName(List.copyOf(secrets.named())));
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
    secureTables.forEach(table -> all.add(table.table()));
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
            http(server.port())
                .ifPresent(table -> {
                  addHttp(table, name, server.port(), bound);
                  if (server.redirectsToHttps()) {
                    Stream.concat(
                            serverNames(server).stream(),
                            bound.stream().flatMap(one -> one.hosts().stream()))
                        .forEach(host -> table.demandTls(host, destinations));
                  }
                });
        case TCP -> addTcp(server.port(), bound);
        case TLS, HTTPS ->
            secure(server.port()).ifPresent(tls -> addSecure(tls, gateway, server, bound));
        case UDP -> {}
      }
    }
  }

  /** Hosts without the namespaces that may be bound to them. */
  private static List<String> serverNames(IstioGateway.Server server) {
    return server.hosts().stream().map(host -> host.substring(host.indexOf('/') + 1)).toList();
  }

  private void addSecure(
      EdgeTls port,
      IstioGateway gateway,
      IstioGateway.Server server,
      List<Bound<VirtualService>> bound) {
    boolean terminates = server.tlsMode().map(IstioGateway.TlsMode::terminates).orElse(false);
    if (!terminates) {
      addPassthrough(port, server.port(), bound);
      return;
    }
    boolean http = server.protocol() == AppProtocol.HTTPS;
    String name =
        (http ? "https." : "tls.")
            + server.port()
            + "."
            + server.name()
            + "."
            + gateway.metadata().name()
            + "."
            + gateway.metadata().namespace();
    Optional<DownstreamTls> tls =
        server.tls().flatMap(written -> secrets.of(gateway, written, http));
    if (tls.isEmpty()) {
      port.refuse(serverNames(server));
    } else if (http) {
      EdgeTables table = secureTable(name, server.port());
      addHttp(
          table,
          gateway.metadata().namespace() + "/" + gateway.metadata().name(),
          server.port(),
          bound);
      port.terminate(name, serverNames(server), tls.get(), https(name, tls.get()));
    } else {
      NetworkFilter tcp = tcp(name, firstTcp(server.port(), bound).orElse(NOWHERE));
      port.terminate(name, serverNames(server), tls.get(), tcp);
    }
  }

  private EdgeTables secureTable(String name, int port) {
    EdgeTables table = new EdgeTables(name, port);
    secureTables.add(table);
    return table;
  }

  /** Workloads are told who a client is that was asked for its certificate. */
  private static NetworkFilter https(String name, DownstreamTls tls) {
    return Filters.outboundHttp(
        name,
        name,
        tls.trustSecret().isEmpty() ? ForwardClientCert.SANITIZE : ForwardClientCert.SANITIZE_SET);
  }

  private static NetworkFilter tcp(String name, List<WeightedCluster> clusters) {
    return Filters.tcp(name, clusters, Filters.IDLE_TIMEOUT);
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
    if (secure.containsKey(port)) {
      return;
    }
    firstTcp(port, bound)
        .ifPresent(
            clusters -> listeners.putIfAbsent(port, listener(port, AppProtocol.TCP, clusters)));
  }

  /** Where the first rule for connections at {@code port} leads. */
  private Optional<List<WeightedCluster>> firstTcp(int port, List<Bound<VirtualService>> bound) {
    for (Bound<VirtualService> one : bound) {
      for (VirtualService.TcpRule rule : one.route().tcp()) {
        if (rule.ports().isEmpty() || rule.ports().contains(port)) {
          return Optional.of(clusters(one, rule.route(), port));
        }
      }
    }
    return Optional.empty();
  }

  private void addPassthrough(EdgeTls tls, int port, List<Bound<VirtualService>> bound) {
    for (Bound<VirtualService> one : bound) {
      for (VirtualService.TlsRule rule : one.route().tls()) {
        if ((rule.ports().isEmpty() || rule.ports().contains(port)) && !rule.sniHosts().isEmpty()) {
          String stat = "tls." + port + "." + one.route().metadata().name();
          tls.passThrough(rule.sniHosts(), tcp(stat, clusters(one, rule.route(), port)));
        }
      }
    }
  }

  private List<WeightedCluster> clusters(
      Bound<VirtualService> bound, List<VirtualService.RouteDestination> route, int port) {
    return new VirtualServiceRoutes(destinations)
        .clusters(route, bound.route().metadata().namespace(), port);
  }

  private void add(KubernetesGateway gateway) {
    for (KubernetesGateway.Listener listener : gateway.listeners()) {
      Optional<EdgeTables> table =
          switch (listener.protocol()) {
            case HTTP, HTTP2, GRPC, GRPC_WEB, UNKNOWN -> http(listener.port());
            case HTTPS -> https(gateway, listener);
            case TLS, TCP, UDP -> Optional.empty();
          };
      table.ifPresent(into -> {
        attached(gateway, listener.port());
        addRoutes(gateway, listener, into);
      });
    }
  }

  private void attached(KubernetesGateway gateway, int port) {
    gateways
        .computeIfAbsent(port, p -> new HashSet<>())
        .add(
            new Attached(
                gateway.metadata().namespace(),
                new Target(TargetKind.GATEWAY, gateway.metadata().name())));
  }

  private void addRoutes(
      KubernetesGateway gateway, KubernetesGateway.Listener listener, EdgeTables table) {
    view.bindings()
        .httpRoutes(gateway, listener)
        .forEach(bound ->
            bound.hosts().forEach(host -> table.gatewayApi(host, destinations).add(bound.route())));
    view.bindings()
        .grpcRoutes(gateway, listener)
        .forEach(bound ->
            bound.hosts().forEach(host -> table.gatewayApi(host, destinations).add(bound.route())));
  }

  /** The table behind a listener that ends TLS; empty where it cannot. */
  private Optional<EdgeTables> https(
      KubernetesGateway gateway, KubernetesGateway.Listener listener) {
    Optional<EdgeTls> port = secure(listener.port());
    if (port.isEmpty() || !listener.terminatesTls()) {
      return Optional.empty();
    }
    List<String> names = listener.hostname().isEmpty() ? List.of() : List.of(listener.hostname());
    Optional<DownstreamTls> tls = secrets.of(gateway, listener, true);
    if (tls.isEmpty()) {
      port.get().refuse(names);
      return Optional.empty();
    }
    String name =
        "https."
            + listener.port()
            + "."
            + listener.name()
            + "."
            + gateway.metadata().name()
            + "."
            + gateway.metadata().namespace();
    port.get().terminate(name, names, tls.get(), https(name, tls.get()));
    return Optional.of(secureTable(name, listener.port()));
  }

  /** A port where TLS arrives; empty where it is taken by something else. */
  private Optional<EdgeTls> secure(int port) {
    return listeners.containsKey(port)
        ? Optional.empty()
        : Optional.of(secure.computeIfAbsent(port, p -> new EdgeTls()));
  }

  /** The table of an HTTP port; empty where the port is taken by something else. */
  private Optional<EdgeTables> http(int port) {
    EdgeTables known = tables.get(port);
    if (known != null) {
      return Optional.of(known);
    }
    if (listeners.containsKey(port) || secure.containsKey(port)) {
      return Optional.empty();
    }
    listeners.put(port, listener(port, AppProtocol.HTTP, List.of()));
    EdgeTables fresh = new EdgeTables("http." + port, port);
    tables.put(port, fresh);
    return Optional.of(fresh);
  }

  private ListenerConfig listener(int port, AppProtocol protocol, List<WeightedCluster> tcp) {
    return edgeListener(
        OutboundPort.listenerName(key.bindAddress(), port),
        port,
        "http." + port,
        new OutboundPort(NOBODY, port, protocol, tcp, List.of()));
  }

  private static final List<WeightedCluster> NOWHERE =
      List.of(WeightedCluster.only(ClusterNames.BLACK_HOLE));

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
