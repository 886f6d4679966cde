package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.traffic.GatewayBindings.Bound;
import dev.meshctl.model.xds.ClusterNames;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.WeightedCluster;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Servers of Istio Gateways with the VirtualServices that are bound to them. */
record IstioServers(
    MeshView view,
    EdgeScope.Key key,
    Destinations destinations,
    EdgePorts ports,
    EdgeSecrets secrets) {

  void add(IstioGateway gateway) {
    for (IstioGateway.Server server : gateway.servers()) {
      List<Bound<VirtualService>> bound = view.bindings().virtualServices(gateway, server);
      switch (server.protocol()) {
        case HTTP, HTTP2, GRPC, GRPC_WEB, UNKNOWN ->
            ports.http(server.port()).ifPresent(table -> addPlain(table, gateway, server, bound));
        case TCP ->
            firstTcp(server.port(), bound)
                .ifPresent(clusters -> ports.tcp(server.port(), clusters));
        case TLS, HTTPS ->
            ports.secure(server.port()).ifPresent(tls -> addSecure(tls, gateway, server, bound));
        case UDP -> {}
      }
    }
  }

  private void addPlain(
      EdgeTables table,
      IstioGateway gateway,
      IstioGateway.Server server,
      List<Bound<VirtualService>> bound) {
    addHttp(table, gateway, server.port(), bound);
    if (server.redirectsToHttps()) {
      Stream.concat(
              serverNames(server).stream(), bound.stream().flatMap(one -> one.hosts().stream()))
          .forEach(host -> table.demandTls(host, destinations));
    }
  }

  private void addHttp(
      EdgeTables table, IstioGateway gateway, int port, List<Bound<VirtualService>> bound) {
    VirtualServiceRoutes translation = new VirtualServiceRoutes(destinations);
    String name = gateway.metadata().namespace() + "/" + gateway.metadata().name();
    Client client = new Client(name, port, key.namespace(), key.labels());
    for (Bound<VirtualService> one : bound) {
      if (!one.route().http().isEmpty()) {
        one.hosts()
            .forEach(host -> table.add(host, translation.of(one.route(), client), destinations));
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
    String name = EdgeTls.name(http, server.port(), server.name(), gateway.metadata());
    Optional<DownstreamTls> tls =
        server.tls().flatMap(written -> secrets.of(gateway, written, http));
    if (tls.isEmpty()) {
      port.refuse(serverNames(server));
    } else if (http) {
      addHttp(ports.secureTable(name, server.port()), gateway, server.port(), bound);
      port.terminateHttp(name, serverNames(server), tls.get());
    } else {
      List<WeightedCluster> clusters =
          firstTcp(server.port(), bound)
              .orElse(List.of(WeightedCluster.only(ClusterNames.BLACK_HOLE)));
      port.terminate(name, serverNames(server), tls.get(), Filters.tcp(name, clusters));
    }
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
          tls.passThrough(rule.sniHosts(), Filters.tcp(stat, clusters(one, rule.route(), port)));
        }
      }
    }
  }

  private List<WeightedCluster> clusters(
      Bound<VirtualService> bound, List<VirtualService.RouteDestination> route, int port) {
    return new VirtualServiceRoutes(destinations)
        .clusters(route, bound.route().metadata().namespace(), port);
  }
}
