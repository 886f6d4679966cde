package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.ParentRef;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.MeshService.Backing;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Virtual hosts of the sidecars of a namespace, gathered into a table for each port (named by it)
 * and, where workloads point at their sidecar, one of all hosts for its HTTP proxy. A port's table
 * finds hosts whatever port their authority names, as in Istio; that of the proxy, which knows no
 * other port, goes by it.
 *
 * <p>With explicit capture each workload has private addresses for services, which end in the
 * service's number. A domain {@code *.NUMBER} takes them all, so that one table serves all
 * workloads; only the addresses of this mesh lead to it.
 */
final class SidecarHosts {
  /** The table of the HTTP proxy. */
  static final String HTTP_PROXY = "http_proxy";

  private static final int HTTP_PORT = 80;
  private static final int NO_SUCH_HOST = 502;

  private final MeshView view;
  private final SidecarScope.Key key;
  private final VirtualHost unknownHost;
  private final Map<Integer, Table> byPort = new TreeMap<>();
  private final Table proxy = new Table();

  /**
   * @param unknownHost what becomes of requests to hosts that nobody has declared, where they can
   *     still be passed on
   */
  SidecarHosts(MeshView view, SidecarScope.Key key, VirtualHost unknownHost) {
    this.view = view;
    this.key = key;
    this.unknownHost = unknownHost;
  }

  /** A table that grows; a domain belongs to the first host that has it. */
  private static final class Table {
    private final Set<String> taken = new HashSet<>();
    private final List<VirtualHost> hosts = new ArrayList<>();

    void add(String name, List<String> domains, List<Route> routes) {
      List<String> free = domains.stream().filter(taken::add).toList();
      if (!free.isEmpty()) {
        hosts.add(new VirtualHost(name, free, routes));
      }
    }
  }

  /** HTTP of a service at a port, under all of {@code names}. */
  void add(List<MeshService> names, int port, List<Route> routes) {
    String name = names.getFirst().hostname() + ":" + port;
    byPort.computeIfAbsent(port, p -> new Table()).add(name, names(names), routes);
    if (!key.transparent()) {
      List<Route> withTunnel = new ArrayList<>(routes);
      tunnelTarget(routes).forEach(cluster -> withTunnel.addFirst(tunnel(cluster)));
      proxy.add(name, domains(names, port, port == HTTP_PORT), withTunnel);
    }
  }

  /** Connections of a service at a port, through the HTTP proxy's CONNECT. */
  void addTunnel(List<MeshService> names, int port, String cluster) {
    if (!key.transparent()) {
      proxy.add(
          names.getFirst().hostname() + ":" + port,
          domains(names, port, false),
          List.of(tunnel(cluster)));
    }
  }

  /** A host that no service declares. */
  void addForeign(String host, int port, List<Route> routes) {
    byPort.computeIfAbsent(port, p -> new Table()).add(host + ":" + port, List.of(host), routes);
    proxy.add(host + ":" + port, List.of(host, host + ":" + port), routes);
  }

  List<RouteTableConfig> tables() {
    List<RouteTableConfig> tables = new ArrayList<>();
    byPort.forEach((port, table) ->
        tables.add(RouteTableConfig.ofAnyPort(Integer.toString(port), withUnknown(table))));
    if (!key.transparent()) {
      tables.add(new RouteTableConfig(HTTP_PROXY, withUnknown(proxy)));
    }
    return tables;
  }

  /** Whether one of a route's parents is the service, at this port or at all. */
  static boolean isForPort(List<ParentRef> parents, MeshService service, int port) {
    return parents.stream()
        .anyMatch(parent ->
            parent.kind() == ParentRef.Kind.SERVICE
                && parent.namespace().equals(service.namespace())
                && parent.name().equals(service.name())
                && (parent.port() == 0 || parent.port() == port));
  }

  private List<VirtualHost> withUnknown(Table table) {
    List<VirtualHost> hosts = new ArrayList<>(table.hosts);
    hosts.add(key.transparent() ? unknownHost : blockAll());
    return hosts;
  }

  /** Refuses what nobody has declared. */
  static VirtualHost blockAll() {
    return new VirtualHost("block_all", List.of("*"), List.of(noSuchHost()));
  }

  private static Route noSuchHost() {
    return new Route(
        "block_all",
        RouteMatch.ANY,
        new RouteAction.DirectResponse(NO_SUCH_HOST, "no service of the mesh has this host\n"),
        Headers.NONE);
  }

  /** Where a tunnel of an HTTP service leads: where its last route does. */
  private static List<String> tunnelTarget(List<Route> routes) {
    return routes.reversed().stream()
        .map(Route::action)
        .filter(RouteAction.Forward.class::isInstance)
        .map(action -> ((RouteAction.Forward) action).clusters().getFirst().cluster())
        .limit(1)
        .toList();
  }

  private static Route tunnel(String cluster) {
    return new Route(
        "connect",
        new RouteMatch(new PathMatch.Connect(), false, List.of(), List.of()),
        RouteAction.Forward.to(cluster),
        Headers.NONE);
  }

  /** Every way to write the names, without a port. */
  private List<String> names(List<MeshService> services) {
    Set<String> names = new LinkedHashSet<>();
    services.forEach(service -> names.addAll(names(service)));
    return List.copyOf(names);
  }

  /** Every way to write the names, with the port and, if {@code bare}, without. */
  private List<String> domains(List<MeshService> names, int port, boolean bare) {
    Set<String> domains = new LinkedHashSet<>();
    for (MeshService service : names) {
      for (String name : names(service)) {
        if (bare) {
          domains.add(name);
        }
        domains.add(name + ":" + port);
      }
    }
    return List.copyOf(domains);
  }

  /** An address as it stands in an authority: one of IPv6 between brackets (RFC 3986, 3.2.2). */
  private static String authority(String address) {
    return address.indexOf(':') < 0 ? address : "[" + address + "]";
  }

  private List<String> names(MeshService service) {
    List<String> names = new ArrayList<>();
    String host = service.hostname();
    names.add(host);
    if (service.backing() instanceof Backing.External) {
      if (key.transparent()) {
        view.addresses().shared(service).forEach(address -> names.add(authority(address)));
      }
      return names;
    }
    String qualified = service.name() + "." + service.namespace();
    names.add(qualified + ".svc");
    names.add(qualified);
    if (service.namespace().equals(key.namespace())) {
      names.add(service.name());
    }
    if (service.backing() instanceof Backing.Workloads workloads && workloads.headless()) {
      names.add("*." + host);
    }
    if (key.transparent()) {
      view.addresses().shared(service).forEach(address -> names.add(authority(address)));
    } else {
      view.addresses().number(service).ifPresent(number -> names.add("*." + number));
    }
    return names;
  }
}
