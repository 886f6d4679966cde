package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.BackendRef;
import dev.meshctl.model.resource.GrpcRoute;
import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.resource.VirtualService.Destination;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the sidecars of one scope are told of, among what their namespace sees: the services and
 * routes that the egress listeners of their Sidecar let in. A listener speaks for the services of
 * its port, the one without a port for those of all ports that no other names. Where routes lead is
 * told too, though nothing there can be called by its own name.
 *
 * <p>Threads: any; immutable.
 */
public final class Imports {
  private final String namespace;
  private final MeshRoutes routes;
  private final ServiceRegistry visible;
  private final Optional<Sidecar> sidecar;
  private final Map<Integer, EgressHosts> byPort = new TreeMap<>();
  private final Optional<EgressHosts> otherPorts;
  private final List<MeshService> services;
  private final List<MeshService> reachable;

  private Imports(
      Optional<Sidecar> sidecar, String namespace, ServiceRegistry services, MeshRoutes routes) {
    this.sidecar = sidecar;
    this.namespace = namespace;
    this.routes = routes;
    List<Sidecar.Egress> egress = sidecar.map(Sidecar::egress).orElse(List.of());
    Optional<EgressHosts> others = Optional.empty();
    for (Sidecar.Egress listener : egress) {
      EgressHosts hosts = new EgressHosts(listener.hosts(), namespace);
      if (listener.port().isPresent()) {
        byPort.putIfAbsent(listener.port().get().number(), hosts);
      } else {
        others = others.or(() -> Optional.of(hosts));
      }
    }
    this.otherPorts = others;
    if (egress.isEmpty()) {
      this.visible = services.visibleTo(namespace);
      this.services = visible.all();
      this.reachable = this.services;
    } else {
      this.visible = services.visibleTo(namespace, this::importsAnyPort);
      this.services =
          visible.all().stream()
              .filter(this::importsAnyPort)
              .map(service -> service.withPorts(importedPorts(service)))
              .toList();
      this.reachable = withDestinations();
    }
  }

  /**
   * @param sidecar of the workloads; empty lets everything in
   * @param namespace of the workloads
   */
  public static Imports of(
      Optional<Sidecar> sidecar, String namespace, ServiceRegistry services, MeshRoutes routes) {
    return new Imports(sidecar, namespace, services, routes);
  }

  /** Whose they are; empty where everything is let in. */
  public Optional<Sidecar> sidecar() {
    return sidecar;
  }

  /** All that the namespace sees, whether it is let in or not. */
  public ServiceRegistry visible() {
    return visible;
  }

  /** What can be called by its name, with the ports at which it can; ordered by host name. */
  public List<MeshService> services() {
    return services;
  }

  /** Who answers for a full host name, among {@link #services}. */
  public Optional<MeshService> find(String host) {
    return visible.find(host).filter(service -> isOpen() || importsAnyPort(service));
  }

  /** {@link #services} and where their routes lead, with the ports that are needed. */
  public List<MeshService> reachable() {
    return reachable;
  }

  /**
   * The VirtualServices that govern a port of a service, the one in force first; see {@link
   * MeshRoutes#virtualServices(String, String)}.
   */
  public List<VirtualService> virtualServices(MeshService service, int port) {
    List<VirtualService> all = routes.virtualServices(service.hostname(), namespace);
    return isOpen()
        ? all
        : all.stream().filter(virtualService -> imports(virtualService, port)).toList();
  }

  /** All VirtualServices that hold for a port; see {@link MeshRoutes#virtualServices(String)}. */
  public List<VirtualService> virtualServices(int port) {
    return routes.virtualServices(namespace).stream()
        .filter(virtualService -> imports(virtualService, port))
        .toList();
  }

  /** HTTPRoutes whose parent is the service; see {@link MeshRoutes#httpRoutes}. */
  public List<HttpRoute> httpRoutes(MeshService service, int port) {
    return routes.httpRoutes(
        service, namespace, route -> importsRoute(route.metadata().namespace(), service, port));
  }

  /** GRPCRoutes whose parent is the service; see {@link #httpRoutes}. */
  public List<GrpcRoute> grpcRoutes(MeshService service, int port) {
    return routes.grpcRoutes(
        service, namespace, route -> importsRoute(route.metadata().namespace(), service, port));
  }

  private boolean isOpen() {
    return byPort.isEmpty() && otherPorts.isEmpty();
  }

  private Optional<EgressHosts> hosts(int port) {
    EgressHosts own = byPort.get(port);
    return own == null ? otherPorts : Optional.of(own);
  }

  private boolean imports(VirtualService virtualService, int port) {
    return isOpen() || hosts(port).filter(hosts -> hosts.imports(virtualService)).isPresent();
  }

  private boolean importsRoute(String routeNamespace, MeshService service, int port) {
    return isOpen()
        || hosts(port).filter(hosts -> hosts.importsRoute(routeNamespace, service)).isPresent();
  }

  private boolean importsAnyPort(MeshService service) {
    return !importedPorts(service).isEmpty()
        || (service.ports().isEmpty()
            && otherPorts.filter(hosts -> hosts.imports(service)).isPresent());
  }

  private List<MeshService.Port> importedPorts(MeshService service) {
    return service.ports().stream()
        .filter(port -> hosts(port.number()).filter(hosts -> hosts.imports(service)).isPresent())
        .toList();
  }

  private List<MeshService> withDestinations() {
    Map<String, Set<Integer>> ports = new TreeMap<>();
    for (MeshService service : services) {
      if (visible.behind(service) != service) {
        // Another name of what has to be let in itself.
        continue;
      }
      add(service, service.ports().stream().map(MeshService.Port::number).toList(), ports);
      for (MeshService.Port port : service.ports()) {
        Stream.concat(
                httpRoutes(service, port.number()).stream().flatMap(Imports::backends),
                grpcRoutes(service, port.number()).stream().flatMap(Imports::backends))
            .forEach(backend ->
                visible
                    .service(backend.namespace(), backend.name())
                    .ifPresent(to -> add(to, List.of(backend.port()), ports)));
      }
    }
    byPort.forEach((port, hosts) -> addDestinations(hosts, Optional.of(port), ports));
    otherPorts.ifPresent(hosts -> addDestinations(hosts, Optional.empty(), ports));
    return visible.all().stream()
        .filter(service -> ports.containsKey(service.hostname()))
        .map(service -> service.withPorts(some(service, ports)))
        .toList();
  }

  private static List<MeshService.Port> some(MeshService service, Map<String, Set<Integer>> ports) {
    Set<Integer> wanted = ports.getOrDefault(service.hostname(), Set.of());
    return service.ports().stream().filter(port -> wanted.contains(port.number())).toList();
  }

  /**
   * @param listenerPort the only port that counts; empty counts those that destinations name
   */
  private void addDestinations(
      EgressHosts hosts, Optional<Integer> listenerPort, Map<String, Set<Integer>> ports) {
    for (VirtualService virtualService : routes.virtualServices(namespace)) {
      if (!hosts.imports(virtualService)) {
        continue;
      }
      String owner = virtualService.metadata().namespace();
      for (Destination to : destinations(virtualService)) {
        visible
            .find(to.host(), owner)
            .ifPresent(service -> add(service, List.of(listenerPort.orElse(to.port())), ports));
      }
    }
  }

  /** Port 0 is all of them; an alias leads on. */
  private void add(MeshService service, List<Integer> some, Map<String, Set<Integer>> byHost) {
    MeshService behind = visible.behind(service);
    Set<Integer> known = byHost.computeIfAbsent(behind.hostname(), host -> new HashSet<>());
    for (int port : some) {
      if (port == 0) {
        behind.ports().forEach(each -> known.add(each.number()));
      } else {
        known.add(port);
      }
    }
  }

  /** Of rules that may hold for clients of this namespace. */
  private List<Destination> destinations(VirtualService virtualService) {
    List<Destination> all = new ArrayList<>();
    for (VirtualService.HttpRule rule : virtualService.http()) {
      boolean ours =
          rule.match().isEmpty()
              || rule.match().stream()
                  .anyMatch(match ->
                      match.sourceNamespace().isEmpty()
                          || match.sourceNamespace().equals(namespace));
      if (ours && rule.action() instanceof VirtualService.HttpAction.Forward forward) {
        forward.route().forEach(route -> all.add(route.destination()));
        forward.mirrors().forEach(mirror -> all.add(mirror.destination()));
      }
    }
    virtualService.tcp().forEach(rule -> rule.route().forEach(to -> all.add(to.destination())));
    virtualService.tls().forEach(rule -> rule.route().forEach(to -> all.add(to.destination())));
    return all;
  }

  private static Stream<BackendRef> backends(HttpRoute route) {
    return route.rules().stream()
        .flatMap(rule ->
            Stream.concat(
                rule.backends().stream(),
                rule.filters().stream()
                    .filter(HttpRoute.Filter.Mirror.class::isInstance)
                    .map(filter -> ((HttpRoute.Filter.Mirror) filter).backend())));
  }

  private static Stream<BackendRef> backends(GrpcRoute route) {
    return route.rules().stream().flatMap(rule -> rule.backends().stream());
  }
}
