package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.AuthorizationPolicy.Target;
import dev.meshctl.model.resource.AuthorizationPolicy.TargetKind;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.translation.AccessPolicies.Attached;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The ports of a gateway while they are gathered: each speaks HTTP, TLS or bytes, for whoever asked
 * for it first; others that want the same share it.
 */
final class EdgePorts {
  private static final MeshService NOBODY =
      new MeshService("", "", "", List.of(), new MeshService.Backing.Workloads(Map.of(), false));

  private final String bindAddress;
  private final Map<Integer, ListenerConfig> listeners = new TreeMap<>();
  private final Map<Integer, EdgeTables> tables = new TreeMap<>();
  private final Map<Integer, EdgeTls> secure = new TreeMap<>();
  private final List<EdgeTables> secureTables = new ArrayList<>();
  private final List<RouteTableConfig> direct = new ArrayList<>();
  private final Map<Integer, Set<Attached>> gateways = new HashMap<>();

  EdgePorts(String bindAddress) {
    this.bindAddress = bindAddress;
  }

  /** The table of an HTTP port; empty where the port is taken by something else. */
  Optional<EdgeTables> http(int port) {
    EdgeTables known = tables.get(port);
    if (known != null) {
      return Optional.of(known);
    }
    if (isTaken(port)) {
      return Optional.empty();
    }
    listeners.put(port, listener(port, AppProtocol.HTTP, List.of()));
    EdgeTables fresh = new EdgeTables("http." + port, port);
    tables.put(port, fresh);
    return Optional.of(fresh);
  }

  /** A port where TLS arrives; empty where it is taken by something else. */
  Optional<EdgeTls> secure(int port) {
    return listeners.containsKey(port)
        ? Optional.empty()
        : Optional.of(secure.computeIfAbsent(port, p -> new EdgeTls()));
  }

  /** The table of what comes by TLS to some of a port's names. */
  EdgeTables secureTable(String name, int port) {
    EdgeTables table = new EdgeTables(name, port);
    secureTables.add(table);
    return table;
  }

  /** Connections as they are, unless the port is taken. */
  void tcp(int port, List<WeightedCluster> clusters) {
    if (!isTaken(port)) {
      listeners.put(port, listener(port, AppProtocol.TCP, clusters));
    }
  }

  /** Straight to a service, unless the port is taken. */
  void direct(String name, int port, OutboundPort how, Optional<RouteTableConfig> table) {
    if (!isTaken(port)) {
      listeners.put(port, edgeListener(name, port, name, how));
      table.ifPresent(direct::add);
    }
  }

  private boolean isTaken(int port) {
    return listeners.containsKey(port) || secure.containsKey(port);
  }

  /** What comes to {@code port} comes to {@code gateway}. */
  void attached(KubernetesGateway gateway, int port) {
    gateways
        .computeIfAbsent(port, p -> new HashSet<>())
        .add(
            new Attached(
                gateway.metadata().namespace(),
                new Target(TargetKind.GATEWAY, gateway.metadata().name())));
  }

  /** The Gateway API's gateways that have a port. */
  Set<Attached> gatewaysAt(int port) {
    return gateways.getOrDefault(port, Set.of());
  }

  /** By port. */
  Map<Integer, ListenerConfig> listeners() {
    Map<Integer, ListenerConfig> all = new TreeMap<>(listeners);
    secure.forEach((port, tls) -> {
      // Envoy takes no listener without a chain.
      if (!tls.isEmpty()) {
        all.put(
            port,
            tls.listener(
                OutboundPort.listenerName(bindAddress, port),
                new SocketEndpoint(bindAddress, port)));
      }
    });
    return all;
  }

  List<RouteTableConfig> tables() {
    List<RouteTableConfig> all = new ArrayList<>(direct);
    tables.values().forEach(table -> all.add(table.table()));
    for (EdgeTables table : secureTables) {
      EdgeTls tls = secure.get(table.port());
      if (tls != null) {
        all.add(table.table(tls));
      }
    }
    return all;
  }

  private ListenerConfig listener(int port, AppProtocol protocol, List<WeightedCluster> tcp) {
    return edgeListener(
        OutboundPort.listenerName(bindAddress, port),
        port,
        "http." + port,
        new OutboundPort(NOBODY, port, protocol, tcp, List.of()));
  }

  private ListenerConfig edgeListener(String name, int port, String routes, OutboundPort how) {
    return how.listenerAt(name, new SocketEndpoint(bindAddress, port), true, routes)
        .mapChains(Filters::fromOutside);
  }
}
