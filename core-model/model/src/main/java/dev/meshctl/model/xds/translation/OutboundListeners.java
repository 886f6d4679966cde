package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.MeshService.Backing;
import dev.meshctl.model.xds.ClusterNames;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.FilterChain.ChainMatch;
import dev.meshctl.model.xds.FilterChain.Transport;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.ProxyNode.Capture;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.backing.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How a workload reaches the services of the mesh. */
final class OutboundListeners {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int OUTBOUND_PORT = 15001;
  private static final int HTTP_PROXY_PORT = 15080;

  private OutboundListeners() {}

  /** At the workload's private service addresses, and as an HTTP proxy. */
  static List<ListenerConfig> explicit(
      MeshView view, SidecarScope scope, Capture.Explicit capture) {
    List<ListenerConfig> listeners = new ArrayList<>();
    for (OutboundPort port : scope.ports()) {
      view.addresses()
          .number(port.service())
          .ifPresent(
              number -> listeners.add(port.listenerAt(capture.servicePrefix() + number, true)));
    }
    String name = OutboundPort.listenerName(capture.proxyAddress(), HTTP_PROXY_PORT);
    listeners.add(
        new ListenerConfig(
            name,
            Direction.OUTBOUND,
            new SocketEndpoint(capture.proxyAddress(), HTTP_PROXY_PORT),
            true,
            false,
            false,
            Duration.ZERO,
            List.of(Filters.chain("http", Filters.outboundHttp(name, SidecarHosts.HTTP_PROXY))),
            Optional.empty()));
    return listeners;
  }

  /**
   * The listener that the kernel redirects to, and those it hands connections on to, by the address
   * they were meant for. Shared by all sidecars of a scope.
   *
   * @param anyAddress all of their own
   */
  static List<ListenerConfig> transparent(
      MeshView view, SidecarScope scope, String anyAddress, Optional<Sidecar> sidecar) {
    List<ListenerConfig> listeners = new ArrayList<>();
    listeners.add(virtualOutbound(anyAddress, scope.unknownCluster()));
    Set<Integer> elsewhere = new HashSet<>();
    for (Sidecar.Egress egress : sidecar.map(Sidecar::egress).orElse(List.of())) {
      atAddressOfItsOwn(egress, scope)
          .ifPresent(listener -> {
            elsewhere.add(listener.address().port());
            listeners.add(listener);
          });
    }
    for (OutboundPort port : scope.ports()) {
      if (elsewhere.contains(port.number())) {
        continue;
      }
      MeshService service = port.service();
      view.addresses()
          .shared(service)
          .forEach(address -> listeners.add(port.listenerAt(address, false)));
      if (service.backing() instanceof Backing.Workloads workloads && workloads.headless()) {
        // Its name resolves to replicas: each is reached at its own address.
        for (Backend backend : view.backends().of(service)) {
          if (backend.answers()) {
            listeners.add(atReplica(view, port, backend.instance()));
          }
        }
      }
    }
    return listeners;
  }

  /** Where an egress listener says so, its services are called there and not at their own. */
  private static Optional<ListenerConfig> atAddressOfItsOwn(
      Sidecar.Egress egress, SidecarScope scope) {
    boolean bound = egress.capture() == Sidecar.Capture.NONE;
    int number = egress.port().map(Sidecar.Port::number).orElse(0);
    if (number == 0 || (!bound && egress.bind().isEmpty())) {
      return Optional.empty();
    }
    String address = egress.bind().isEmpty() ? LOOPBACK : egress.bind();
    return scope.ports().stream()
        .filter(port -> port.number() == number)
        .findFirst()
        .map(port -> port.listenerAt(address, bound));
  }

  private static ListenerConfig atReplica(
      MeshView view, OutboundPort port, WorkloadInstance instance) {
    MeshService service = port.service();
    boolean byReplica =
        service
            .port(port.number())
            .filter(known -> Clusters.reachedByReplica(view, service, known))
            .isPresent();
    String cluster = ClusterNames.replica(port.number(), instance.name(), service.hostname());
    OutboundPort there = byReplica ? port.leadingTo(List.of(WeightedCluster.only(cluster))) : port;
    return there.listenerAt(instance.address(), false);
  }

  private static ListenerConfig virtualOutbound(String anyAddress, String unknown) {
    FilterChain loop =
        new FilterChain(
            "virtualOutbound-blackhole",
            new ChainMatch(OUTBOUND_PORT, List.of(), List.of(), Transport.ANY, List.of()),
            Optional.empty(),
            Filters.tcp(ClusterNames.BLACK_HOLE, ClusterNames.BLACK_HOLE));
    return new ListenerConfig(
        "virtualOutbound",
        Direction.OUTBOUND,
        new SocketEndpoint(anyAddress, OUTBOUND_PORT),
        true,
        true,
        false,
        Duration.ZERO,
        List.of(loop),
        Optional.of(Filters.chain("virtualOutbound-catchall-tcp", Filters.tcp(unknown, unknown))));
  }
}
