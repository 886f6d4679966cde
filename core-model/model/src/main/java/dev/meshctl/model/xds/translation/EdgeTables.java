package dev.meshctl.model.xds.translation;

import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.FilterOverrides;
import dev.meshctl.model.xds.RouteTableConfig.RequireTls;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The hosts of one gateway port, whoever declared them, found by authorities with any port: clients
 * may come by another one than we listen at. Routes of several resources for one host are merged:
 * in the order they are added, those that match everything after all others.
 */
final class EdgeTables {
  /** RFC 9110, 15.5.20: clients try again over a connection of its own. */
  private static final Route MISDIRECTED =
      new Route(
          "misdirected",
          RouteMatch.ANY,
          new RouteAction.DirectResponse(421, "this host is served over connections of its own\n"),
          Headers.NONE);

  private final String name;
  private final int port;
  private final Map<String, Host> hosts = new TreeMap<>(HostNames.MOST_SPECIFIC_FIRST);

  EdgeTables(String name, int port) {
    this.name = name;
    this.port = port;
  }

  private static final class Host {
    private final List<Route> istio = new ArrayList<>();
    private final GatewayApiRoutes gatewayApi;
    private boolean demandsTls;

    Host(Destinations destinations) {
      this.gatewayApi = new GatewayApiRoutes(destinations);
    }

    List<Route> merged() {
      List<Route> all = new ArrayList<>(istio);
      all.addAll(gatewayApi.sorted());
      List<Route> merged = new ArrayList<>();
      all.stream().filter(route -> !matchesAll(route)).forEach(merged::add);
      all.stream().filter(EdgeTables::matchesAll).findFirst().ifPresent(merged::add);
      return merged;
    }
  }

  private static boolean matchesAll(Route route) {
    RouteMatch match = route.match();
    return match.headers().isEmpty()
        && match.query().isEmpty()
        && match.path() instanceof PathMatch.Prefix(var prefix)
        && prefix.equals("/");
  }

  void add(String host, List<Route> routes, Destinations destinations) {
    hosts.computeIfAbsent(host, h -> new Host(destinations)).istio.addAll(routes);
  }

  /** Where routes of the Gateway API for a host are gathered. */
  GatewayApiRoutes gatewayApi(String host, Destinations destinations) {
    return hosts.computeIfAbsent(host, h -> new Host(destinations)).gatewayApi;
  }

  /** Requests for a host that came without TLS are sent to come with it. */
  void demandTls(String host, Destinations destinations) {
    hosts.computeIfAbsent(host, h -> new Host(destinations)).demandsTls = true;
  }

  int port() {
    return port;
  }

  RouteTableConfig table() {
    return RouteTableConfig.ofAnyPort(name, virtualHosts(host -> true));
  }

  /** What comes to the chain of this table's name; see {@link EdgeTls}. */
  RouteTableConfig table(EdgeTls tls) {
    List<VirtualHost> all = virtualHosts(host -> tls.leads(host, name));
    for (String elsewhere : tls.narrowerElsewhere(name)) {
      all.add(
          new VirtualHost(
              "misdirected_" + elsewhere + ":" + port, List.of(elsewhere), List.of(MISDIRECTED)));
    }
    return RouteTableConfig.ofAnyPort(name, all);
  }

  private List<VirtualHost> virtualHosts(Predicate<String> ours) {
    List<VirtualHost> all = new ArrayList<>();
    hosts.forEach((host, routes) -> {
      if (ours.test(host)) {
        all.add(
            new VirtualHost(
                host + ":" + port,
                List.of(host),
                routes.merged(),
                Headers.NONE,
                routes.demandsTls ? Optional.of(RequireTls.ALL) : Optional.empty(),
                FilterOverrides.NONE));
      }
    });
    return all;
  }
}
