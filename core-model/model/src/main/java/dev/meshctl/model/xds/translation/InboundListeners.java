package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.AuthorizationPolicy.Target;
import dev.meshctl.model.resource.AuthorizationPolicy.TargetKind;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterNames;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.FilterChain.ChainMatch;
import dev.meshctl.model.xds.FilterChain.Transport;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.NetworkFilter.ForwardClientCert;
import dev.meshctl.model.xds.NetworkFilter.Routes;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ProxyNode.Capture;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.backing.Backend;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.translation.AccessPolicies.Attached;
import dev.meshctl.model.xds.translation.AccessPolicies.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How peers reach a workload: with mutual TLS, in the clear, or both, as PeerAuthentication says
 * for each port. Its ports are those of its services, or those that its Sidecar lists.
 *
 * <p>Where the application may speak TLS itself (TCP, TLS, HTTPS), only TLS that offers {@code
 * istio} is the mesh's; the rest is the application's own. HTTP in the clear has no TLS of its own,
 * so each TLS is the mesh's there.
 */
final class InboundListeners {
  private static final int INBOUND_PORT = 15006;

  /** Our listener prefers what tells HTTP versions apart. */
  private static final List<String> SERVER_ALPN = List.of("h2", "http/1.1", Clusters.MESH_ALPN);

  private static final DownstreamTls MESH_TLS =
      new DownstreamTls(
          SecretConfig.OWN_CERTIFICATE, SecretConfig.TRUST_BUNDLE, true, SERVER_ALPN, List.of());

  private final MeshView view;
  private final ProxyNode node;
  private final Optional<Sidecar> sidecar;

  /** Where the workload listens for a service, with the protocol. */
  private final Map<Integer, AppProtocol> ports = new TreeMap<>();

  /** By port: the services that it listens for there. */
  private final Map<Integer, Set<Attached>> attached = new HashMap<>();

  InboundListeners(MeshView view, ProxyNode node) {
    this.view = view;
    this.node = node;
    this.sidecar = view.sidecars().of(node.namespace(), node.labels());
    addPorts();
  }

  /** Listeners with the clusters that lead to the workload. */
  record Inbound(List<ListenerConfig> listeners, List<ClusterConfig> clusters) {}

  /** One listener for each port, at the address that peers know. */
  Inbound explicit(String proxyAddress, String workloadAddress) {
    List<ListenerConfig> listeners = new ArrayList<>();
    List<ClusterConfig> clusters = new ArrayList<>();
    ports.forEach((port, protocol) -> {
      Mode mode = mode(port);
      clusters.add(inbound(workloadAddress, port, protocol));
      listeners.add(
          new ListenerConfig(
              OutboundPort.listenerName(proxyAddress, port),
              Direction.INBOUND,
              new SocketEndpoint(proxyAddress, port),
              true,
              false,
              mode != Mode.DISABLE,
              detectTimeout(mode, protocol),
              chains(0, port, protocol, mode),
              Optional.empty()));
    });
    return new Inbound(listeners, clusters);
  }

  /** One listener for all ports, to which the kernel redirects. */
  Inbound transparent(Capture.Transparent capture) {
    List<FilterChain> chains = new ArrayList<>();
    List<ClusterConfig> clusters = new ArrayList<>();
    Duration timeout = Filters.FIRST_BYTES_TIMEOUT;
    for (Map.Entry<Integer, AppProtocol> entry : ports.entrySet()) {
      int port = entry.getKey();
      Mode mode = mode(port);
      chains.addAll(chains(port, port, entry.getValue(), mode));
      timeout = shorter(timeout, detectTimeout(mode, entry.getValue()));
      // The sidecar's own connection to this address is turned to the workload's (see capture).
      clusters.add(inbound(capture.workloadAddress(), port, entry.getValue()));
    }
    Mode mode = mode(0);
    chains.addAll(
        around(
            0,
            0,
            "passthrough",
            mode,
            false,
            forward -> Filters.tcp("inbound_passthrough", ClusterNames.INBOUND_PASSTHROUGH)));
    timeout = shorter(timeout, detectTimeout(mode, AppProtocol.TCP));
    clusters.add(Clusters.originalDestination(ClusterNames.INBOUND_PASSTHROUGH));
    return new Inbound(
        List.of(
            new ListenerConfig(
                "virtualInbound",
                Direction.INBOUND,
                new SocketEndpoint(capture.anyAddress(), INBOUND_PORT),
                true,
                true,
                true,
                timeout,
                chains,
                Optional.empty())),
        clusters);
  }

  private ClusterConfig inbound(String address, int port, AppProtocol protocol) {
    Optional<Sidecar.Ingress> ingress = ingress().filter(i -> i.port().number() == port).findAny();
    int workloadPort = ingress.map(Sidecar.Ingress::workloadPort).filter(p -> p != 0).orElse(port);
    return Clusters.inbound(
        port,
        new SocketEndpoint(address, workloadPort),
        protocol,
        ingress
            .flatMap(Sidecar.Ingress::connectionPool)
            .or(() -> sidecar.flatMap(Sidecar::inboundConnectionPool)));
  }

  private Stream<Sidecar.Ingress> ingress() {
    return sidecar.stream().flatMap(known -> known.ingress().stream());
  }

  private static Duration shorter(Duration one, Duration other) {
    return other.isPositive() && other.compareTo(one) < 0 ? other : one;
  }

  /** A port of the workload, as part of the services that it listens for there. */
  Place place(int port) {
    return new Place(node.namespace(), node.labels(), attached.getOrDefault(port, Set.of()));
  }

  private void addPorts() {
    addServicePorts();
    if (ingress().findAny().isPresent()) {
      ports.clear();
      ingress()
          .forEach(
              listener -> ports.putIfAbsent(listener.port().number(), listener.port().protocol()));
    }
  }

  private void addServicePorts() {
    Optional<Backend> beside = view.backends().named(node.namespace(), node.instance());
    for (MeshService service : view.services().all()) {
      if (!service.namespace().equals(node.namespace())) {
        continue;
      }
      if (service.selects(node.labels())) {
        addPorts(service, beside);
      } else {
        view.backends()
            .named(service, node.namespace(), node.instance())
            .ifPresent(told -> addPorts(service, Optional.of(told)));
      }
    }
  }

  private void addPorts(MeshService service, Optional<Backend> beside) {
    for (MeshService.Port port : service.ports()) {
      if (port.protocol() != AppProtocol.UDP) {
        beside
            .map(backend -> backend.target(service, port))
            .orElseGet(() -> Backend.unnamed(port))
            .ifPresent(number -> {
              ports.putIfAbsent(number, port.protocol());
              attached.computeIfAbsent(number, n -> new HashSet<>()).add(attached(service));
            });
      }
    }
  }

  private static Attached attached(MeshService service) {
    return new Attached(service.namespace(), new Target(TargetKind.SERVICE, service.name()));
  }

  private Mode mode(int port) {
    return view.peerModes().mode(node.namespace(), node.labels(), port);
  }

  private static boolean isHttp(AppProtocol protocol) {
    return switch (protocol) {
      case HTTP, HTTP2, GRPC, GRPC_WEB -> true;
      // What is not known is passed on as it comes; its client has told HTTP from the rest.
      case UNKNOWN, HTTPS, TLS, TCP, UDP -> false;
    };
  }

  private static Duration detectTimeout(Mode mode, AppProtocol protocol) {
    return switch (mode) {
      case DISABLE -> Duration.ZERO;
      case STRICT -> Filters.FIRST_BYTES_TIMEOUT;
      case PERMISSIVE, UNSET ->
          isHttp(protocol) ? Filters.FIRST_BYTES_TIMEOUT : Filters.DETECT_TIMEOUT;
    };
  }

  private List<FilterChain> chains(int destinationPort, int port, AppProtocol protocol, Mode mode) {
    String cluster = ClusterNames.inbound(port);
    boolean http = isHttp(protocol);
    return around(
        destinationPort,
        port,
        Integer.toString(port),
        mode,
        http,
        forward ->
            http
                ? Filters.http(
                    "inbound_" + port,
                    new Routes.Inline(everything(cluster, port)),
                    view.access().http(place(port)),
                    forward)
                : Filters.tcp("inbound_" + port, cluster));
  }

  private static RouteTableConfig everything(String cluster, int port) {
    return new RouteTableConfig(
        cluster,
        List.of(
            new VirtualHost(
                "inbound|http|" + port,
                List.of("*"),
                List.of(
                    new Route(
                        "default",
                        RouteMatch.ANY,
                        RouteAction.Forward.to(cluster),
                        Headers.NONE)))));
  }

  /** What makes the filter of a chain, told whether clients have proved who they are. */
  private interface FilterOf {
    NetworkFilter with(ForwardClientCert forward);
  }

  private List<FilterChain> around(
      int destinationPort, int port, String name, Mode mode, boolean everyTls, FilterOf filter) {
    FilterChain mutual =
        new FilterChain(
            name + "_mtls",
            new ChainMatch(
                destinationPort,
                List.of(),
                List.of(),
                Transport.TLS,
                mode == Mode.STRICT || everyTls ? List.of() : List.of(Clusters.MESH_ALPN)),
            Optional.of(MESH_TLS),
            ofConnections(port, filter.with(ForwardClientCert.APPEND_FORWARD)),
            filter.with(ForwardClientCert.APPEND_FORWARD));
    NetworkFilter clear = filter.with(ForwardClientCert.SANITIZE);
    FilterChain plain = inTheClear(destinationPort, port, name + "_plain", Transport.RAW, clear);
    return switch (mode) {
      case STRICT -> List.of(mutual);
      case PERMISSIVE, UNSET ->
          everyTls
              ? List.of(mutual, plain)
              // Envoy looks no further once the transport has matched: the application's own TLS
              // needs a chain of its own.
              : List.of(
                  mutual,
                  inTheClear(destinationPort, port, name + "_tls", Transport.TLS, clear),
                  plain);
      case DISABLE ->
          List.of(inTheClear(destinationPort, port, name + "_plain", Transport.ANY, clear));
    };
  }

  /** Requests are asked one by one, so that they are told why. */
  private List<AccessControl> ofConnections(int port, NetworkFilter filter) {
    return switch (filter) {
      case NetworkFilter.HttpConnection http -> List.of();
      case NetworkFilter.TcpProxy tcp -> view.access().tcp(place(port));
    };
  }

  private FilterChain inTheClear(
      int destinationPort, int port, String name, Transport transport, NetworkFilter filter) {
    return new FilterChain(
        name,
        new ChainMatch(destinationPort, List.of(), List.of(), transport, List.of()),
        Optional.empty(),
        ofConnections(port, filter),
        filter);
  }
}
