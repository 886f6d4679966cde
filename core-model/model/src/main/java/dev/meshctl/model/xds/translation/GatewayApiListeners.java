package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.BackendRef;
import dev.meshctl.model.resource.ConnectionRule;
import dev.meshctl.model.resource.GatewayRoute;
import dev.meshctl.model.resource.GrpcRoute;
import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.KubernetesGateway.Listener;
import dev.meshctl.model.resource.TcpRoute;
import dev.meshctl.model.resource.TlsRoute;
import dev.meshctl.model.traffic.GatewayBindings.Bound;
import dev.meshctl.model.traffic.ListenerRules;
import dev.meshctl.model.xds.ClusterNames;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.WeightedCluster;
import java.util.List;
import java.util.Optional;

/** Listeners of the Gateway API's gateways with the routes that are attached to them. */
record GatewayApiListeners(
    MeshView view, Destinations destinations, EdgePorts ports, EdgeSecrets secrets) {

  void add(KubernetesGateway gateway) {
    for (Listener listener : gateway.listeners()) {
      if (ListenerRules.conflict(gateway, listener).isPresent()) {
        continue;
      }
      switch (listener.protocol()) {
        case HTTP, HTTP2, GRPC, GRPC_WEB, UNKNOWN ->
            ports.http(listener.port()).ifPresent(table -> addRoutes(gateway, listener, table));
        case HTTPS, TLS ->
            ports.secure(listener.port()).ifPresent(tls -> addSecure(gateway, listener, tls));
        case TCP -> addTcp(gateway, listener);
        case UDP -> {}
      }
    }
  }

  private void addRoutes(KubernetesGateway gateway, Listener listener, EdgeTables table) {
    ports.attached(gateway, listener.port());
    for (Bound<HttpRoute> bound : view.bindings().routes(HttpRoute.class, gateway, listener)) {
      bound.hosts().forEach(host -> table.gatewayApi(host, destinations).add(bound.route()));
    }
    for (Bound<GrpcRoute> bound : view.bindings().routes(GrpcRoute.class, gateway, listener)) {
      bound.hosts().forEach(host -> table.gatewayApi(host, destinations).add(bound.route()));
    }
  }

  private void addSecure(KubernetesGateway gateway, Listener listener, EdgeTls port) {
    ports.attached(gateway, listener.port());
    boolean http = listener.protocol() == AppProtocol.HTTPS;
    if (!listener.terminatesTls()) {
      if (!http) {
        addPassthrough(gateway, listener, port);
      }
      return;
    }
    List<String> names = listener.hostname().isEmpty() ? List.of() : List.of(listener.hostname());
    Optional<DownstreamTls> tls = secrets.of(gateway, listener, http);
    String name = EdgeTls.name(http, listener.port(), listener.name(), gateway.metadata());
    if (tls.isEmpty()) {
      port.refuse(names);
    } else if (http) {
      addRoutes(gateway, listener, ports.secureTable(name, listener.port()));
      port.terminateHttp(name, names, tls.get());
    } else {
      addTerminated(gateway, listener, port, name, tls.get());
    }
  }

  private void addPassthrough(KubernetesGateway gateway, Listener listener, EdgeTls port) {
    for (Bound<TlsRoute> bound : view.bindings().routes(TlsRoute.class, gateway, listener)) {
      String stat = "tls." + listener.port() + "." + bound.route().metadata().name();
      port.passThrough(
          bound.hosts(), Filters.tcp(stat, clusters(bound.route(), bound.route().rules())));
    }
  }

  /** By server name where TLSRoutes say so; all else to the first TCPRoute. */
  private void addTerminated(
      KubernetesGateway gateway, Listener listener, EdgeTls port, String name, DownstreamTls tls) {
    for (Bound<TlsRoute> bound : view.bindings().routes(TlsRoute.class, gateway, listener)) {
      String own = name + "." + bound.route().metadata().name();
      port.terminate(
          own,
          bound.hosts(),
          tls,
          Filters.tcp(own, clusters(bound.route(), bound.route().rules())));
    }
    view.bindings().routes(TcpRoute.class, gateway, listener).stream()
        .findFirst()
        .ifPresent(bound ->
            port.terminate(
                name,
                listener.hostname().isEmpty() ? List.of() : List.of(listener.hostname()),
                tls,
                Filters.tcp(name, clusters(bound.route(), bound.route().rules()))));
  }

  private void addTcp(KubernetesGateway gateway, Listener listener) {
    view.bindings().routes(TcpRoute.class, gateway, listener).stream()
        .findFirst()
        .ifPresent(bound -> {
          ports.attached(gateway, listener.port());
          ports.tcp(listener.port(), clusters(bound.route(), bound.route().rules()));
        });
  }

  /** Of the first rule: others could never be reached. What is not there takes its share. */
  private List<WeightedCluster> clusters(GatewayRoute route, List<ConnectionRule> rules) {
    List<BackendRef> backends = rules.isEmpty() ? List.of() : rules.getFirst().backends();
    return backends.stream()
        .map(backend ->
            new WeightedCluster(
                destinations.cluster(backend, route).orElse(ClusterNames.BLACK_HOLE),
                backend.weight(),
                RouteParts.headers(backend.headers())))
        .toList();
  }
}
