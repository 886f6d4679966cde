package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.GatewayClass;
import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.Transport;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.ServiceRegistry;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.translation.AccessPolicies.Place;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a gateway is told: the ports of the Gateways that select it, then node ports of Services,
 * then ports of LoadBalancer Services that are still free. One that was made for a Gateway of the
 * Gateway API is told the ports of that one alone.
 *
 * <p>Threads: immutable once made.
 */
final class EdgeScope {
  private final MeshView view;
  private final Key key;
  private final Destinations destinations;
  private final EdgePorts ports;
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
    EdgeSecrets secrets = new EdgeSecrets(view, key);
    ServiceRegistry visible = view.services().visibleTo(key.namespace());
    Clusters.Reachable reachable =
        Clusters.of(
            view,
            visible.all(),
            key.namespace(),
            key.labels(),
            key.place(),
            interning,
            Clusters.Reachable.NOTHING);
    List<ClusterConfig> clusters = new BackendTls(view, secrets).applied(reachable.clusters());
    this.destinations =
        new Destinations(
            visible,
            clusters.stream().map(ClusterConfig::name).collect(Collectors.toSet()),
            view.grants(),
            view.defaults().retry());
    this.ports = new EdgePorts(key.bindAddress());
    addGateways(secrets);
    List<Service> services = view.mesh().all(Service.class);
    if (only().isEmpty()) {
      services.forEach(this::addNodePorts);
      services.forEach(this::addLoadBalancer);
    }
    List<RouteTableConfig> tables = new ArrayList<>(ports.tables());
    tables.replaceAll(reachable::sticking);
    Map<ResourceType, Map<String, XdsResource>> resources = new EnumMap<>(ResourceType.class);
    resources.put(ResourceType.CLUSTER, interning.byName(clusters));
    resources.put(ResourceType.ENDPOINTS, interning.byName(reachable.assignments()));
    resources.put(
        ResourceType.LISTENER,
        interning.byName(
            Filters.answeringPreflights(reachable.sticking(listeners()), tables).stream()
                .map(view.defaults()::logged)
                .toList()));
    resources.put(ResourceType.ROUTE, interning.byName(tables));
    resources.put(ResourceType.SECRET, interning.byName(List.copyOf(secrets.named())));
    this.layer = new XdsSnapshot(resources);
  }

  /** All that its gateways are told. */
  XdsSnapshot layer() {
    return layer;
  }

  private void addGateways(EdgeSecrets secrets) {
    IstioServers istio = new IstioServers(view, key, destinations, ports, secrets);
    view.mesh().all(IstioGateway.class).stream().filter(this::selects).forEach(istio::add);
    Set<String> ours =
        view.mesh().all(GatewayClass.class).stream()
            .filter(kind -> kind.controllerName().equals(GatewayClass.OUR_CONTROLLER))
            .map(kind -> kind.metadata().name())
            .collect(Collectors.toSet());
    GatewayApiListeners gatewayApi = new GatewayApiListeners(view, destinations, ports, secrets);
    view.mesh().all(KubernetesGateway.class).stream()
        .filter(gateway -> ours.contains(gateway.gatewayClassName()))
        .filter(gateway ->
            only().isEmpty()
                || gateway.nameLabel().equals(only().get())
                    && gateway.metadata().namespace().equals(key.namespace()))
        .forEach(gatewayApi::add);
  }

  /** The one Gateway of its namespace that it was made to serve; empty for one that serves all. */
  private Optional<String> only() {
    return Optional.ofNullable(key.labels().get(KubernetesGateway.NAME_LABEL));
  }

  /** A gateway that says nothing of itself (a plain Envoy) serves every Gateway. */
  private boolean selects(IstioGateway gateway) {
    return key.labels().isEmpty()
        || key.labels().entrySet().containsAll(gateway.selector().entrySet());
  }

  private List<ListenerConfig> listeners() {
    List<ListenerConfig> guarded = new ArrayList<>();
    ports
        .listeners()
        .forEach((port, listener) ->
            guarded.add(
                view.access()
                    .guarded(
                        listener,
                        new Place(key.namespace(), key.labels(), ports.gatewaysAt(port)))));
    return guarded;
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
    if (known.isEmpty() || port.transport() != Transport.TCP) {
      return;
    }
    String cluster = destinations.cluster(known.get(), port.port());
    VirtualHost everything =
        new VirtualHost(
            name, List.of("*"), List.of(RouteParts.toCluster(cluster, destinations.retry())));
    ports.direct(
        name,
        listenerPort,
        new OutboundPort(
            known.get(),
            listenerPort,
            port.protocol(),
            List.of(WeightedCluster.only(cluster)),
            List.of()),
        port.protocol().isHttp()
            ? Optional.of(new RouteTableConfig(name, List.of(everything)))
            : Optional.empty());
  }
}
