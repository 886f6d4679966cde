package dev.meshctl.integration.differential;

import dev.meshctl.integration.served.OnLoopback;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.NetworkFilter.HttpConnection;
import dev.meshctl.model.xds.NetworkFilter.Routes;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.route.Fault;
import dev.meshctl.model.xds.route.Mirror;
import dev.meshctl.model.xds.route.RouteMatch;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A snapshot made fit for comparison: each route table behind one plaintext listener of its own,
 * every cluster led to the upstream that says its name, chance taken out except between clusters,
 * and names of listeners and tables that no other comparison has, so that nothing of an earlier one
 * can answer.
 *
 * @param tables by name of the listener
 */
record Prepared(XdsSnapshot snapshot, Map<String, RouteTableConfig> tables) {
  private static final Duration LONGEST_DELAY = Duration.ofMillis(20);

  static Prepared of(String mark, XdsSnapshot original, EchoUpstreams upstreams) {
    Map<String, RouteTableConfig> tables = new LinkedHashMap<>();
    Map<String, XdsResource> listeners = new LinkedHashMap<>();
    Map<String, XdsResource> routes = new LinkedHashMap<>();
    for (XdsResource resource : original.of(ResourceType.LISTENER).values()) {
      ListenerConfig listener = (ListenerConfig) resource;
      Optional<HttpConnection> http = plaintext(listener);
      if (http.isEmpty()) {
        continue;
      }
      RouteTableConfig table = named(mark, sure(table(http.get(), original)));
      if (!routes.containsKey(table.name())) {
        routes.put(table.name(), table);
        ListenerConfig own = renamed(mark, listener, http.get(), table.name());
        listeners.put(own.name(), own);
        tables.put(own.name(), table);
      }
    }
    Map<ResourceType, Map<String, XdsResource>> all = new EnumMap<>(ResourceType.class);
    all.put(ResourceType.LISTENER, listeners);
    all.put(ResourceType.ROUTE, routes);
    Map<String, XdsResource> clusters = new LinkedHashMap<>();
    original
        .of(ResourceType.CLUSTER)
        .forEach((name, cluster) ->
            clusters.put(name, echoing((ClusterConfig) cluster, original, upstreams)));
    all.put(ResourceType.CLUSTER, clusters);
    return new Prepared(OnLoopback.listening(new XdsSnapshot(all)), tables);
  }

  /** The first plaintext chain that speaks HTTP, of a listener for clients. */
  private static Optional<HttpConnection> plaintext(ListenerConfig listener) {
    if (listener.direction() == ListenerConfig.Direction.INBOUND) {
      return Optional.empty();
    }
    return listener.chains().stream()
        .filter(chain -> chain.tls().isEmpty() && chain.filter() instanceof HttpConnection)
        .map(chain -> (HttpConnection) chain.filter())
        .findFirst();
  }

  private static RouteTableConfig table(HttpConnection http, XdsSnapshot snapshot) {
    return switch (http.routes()) {
      case Routes.Inline(var table) -> table;
      case Routes.Named(var name) ->
          (RouteTableConfig)
              Objects.requireNonNull(snapshot.of(ResourceType.ROUTE).get(name), name);
    };
  }

  private static ListenerConfig renamed(
      String mark, ListenerConfig listener, HttpConnection http, String table) {
    HttpConnection own =
        new HttpConnection(
            http.statPrefix(),
            http.codec(),
            new Routes.Named(table),
            http.filters(),
            http.streamIdleTimeout(),
            http.requestTimeout(),
            http.idleTimeout(),
            List.of(),
            http.forwardClientCert(),
            http.maxStreamDuration(),
            http.maxConnectionDuration(),
            http.options());
    return new ListenerConfig(
        mark + listener.name(),
        listener.direction(),
        listener.address(),
        true,
        false,
        false,
        Duration.ZERO,
        List.of(new FilterChain("http", FilterChain.ChainMatch.ANY, Optional.empty(), own)),
        Optional.empty());
  }

  private static RouteTableConfig named(String mark, RouteTableConfig table) {
    return new RouteTableConfig(
        mark + table.name(),
        table.hosts(),
        table.headers(),
        table.mostSpecificHeadersWin(),
        table.overrides(),
        table.ignorePort());
  }

  private static ClusterConfig echoing(
      ClusterConfig cluster, XdsSnapshot snapshot, EchoUpstreams upstreams) {
    boolean empty =
        switch (cluster.discovery()) {
          case Discovery.Eds(var name) ->
              isEmpty(
                  (LoadAssignment)
                      Objects.requireNonNull(snapshot.of(ResourceType.ENDPOINTS).get(name), name));
          case Discovery.Static(var endpoints) -> isEmpty(endpoints);
          case Discovery.StrictDns names -> false;
          case Discovery.OriginalDestination there -> false;
        };
    LoadAssignment one =
        new LoadAssignment(
            cluster.name(),
            empty
                ? List.of()
                : List.of(
                    new LocalityEndpoints(
                        Locality.NONE,
                        0,
                        0,
                        List.of(
                            new Endpoint(
                                upstreams.of(cluster.name()),
                                Health.HEALTHY,
                                1,
                                false,
                                WorkloadRef.UNKNOWN)))));
    return new ClusterConfig(
        cluster.name(),
        new Discovery.Static(one),
        cluster.connectTimeout(),
        cluster.discovery() instanceof Discovery.OriginalDestination
            ? ClusterConfig.LoadBalancing.ROUND_ROBIN
            : cluster.loadBalancing(),
        new Transport.Plaintext(),
        cluster.protocol(),
        cluster.circuitBreakers(),
        Optional.empty(),
        cluster.service(),
        cluster.balancing());
  }

  private static boolean isEmpty(LoadAssignment assignment) {
    return assignment.localities().stream().allMatch(l -> l.endpoints().isEmpty());
  }

  private static RouteTableConfig sure(RouteTableConfig table) {
    return new RouteTableConfig(
        table.name(),
        table.hosts().stream()
            .map(host ->
                new VirtualHost(
                    host.name(),
                    host.domains(),
                    host.routes().stream().map(Prepared::sure).toList(),
                    host.headers(),
                    host.requireTls(),
                    host.overrides()))
            .toList(),
        table.headers(),
        table.mostSpecificHeadersWin(),
        table.overrides(),
        table.ignorePort());
  }

  private static Route sure(Route route) {
    RouteMatch match = route.match();
    return new Route(
        route.name(),
        new RouteMatch(
            match.path(),
            match.ignoreCase(),
            match.headers(),
            match.query(),
            match.grpc(),
            match.percentage().map(Prepared::sure)),
        route.action() instanceof RouteAction.Forward forward ? sure(forward) : route.action(),
        route.headers(),
        route.overrides(),
        route.origin());
  }

  private static RouteAction sure(RouteAction.Forward to) {
    return new RouteAction.Forward(
        to.clusters(),
        to.timeout(),
        to.retry(),
        to.rewrite(),
        to.hostRewrite(),
        to.mirrors().stream()
            .map(m -> new Mirror(m.cluster(), sure(m.percentage()), m.keepsHost()))
            .toList(),
        to.fault().map(Prepared::sure),
        to.hostFrom(),
        to.appendForwardedHost(),
        to.hash(),
        to.timeouts(),
        to.steering());
  }

  private static Fault sure(Fault fault) {
    Duration delay = fault.delay().compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : fault.delay();
    return new Fault(
        sure(fault.delayPercentage()),
        delay,
        sure(fault.abortPercentage()),
        fault.abortHttpStatus(),
        fault.abortGrpcStatus(),
        fault.delayByHeader(),
        fault.abortByHeader(),
        fault.mostActive());
  }

  private static double sure(double percentage) {
    return percentage >= 50 ? 100 : 0;
  }
}
