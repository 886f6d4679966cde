package dev.meshctl.model.xds;

import dev.meshctl.model.xds.NetworkFilter.HttpConnection;
import dev.meshctl.model.xds.NetworkFilter.Routes;
import dev.meshctl.model.xds.NetworkFilter.TcpProxy;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Whether references between the resources of a snapshot hold. */
public final class SnapshotConsistency {
  private final XdsSnapshot snapshot;
  private final List<String> dangling = new ArrayList<>();

  private SnapshotConsistency(XdsSnapshot snapshot) {
    this.snapshot = snapshot;
  }

  /** One sentence for each reference that dangles; empty when the snapshot is whole. */
  public static List<String> check(XdsSnapshot snapshot) {
    SnapshotConsistency check = new SnapshotConsistency(snapshot);
    snapshot.resources().values().stream()
        .flatMap(byName -> byName.values().stream())
        .forEach(check::check);
    return List.copyOf(check.dangling);
  }

  private void check(XdsResource resource) {
    switch (resource) {
      case ListenerConfig listener ->
          Stream.concat(listener.chains().stream(), listener.defaultChain().stream())
              .forEach(chain -> {
                check("listener " + listener.name(), chain.filter());
                chain.tls().ifPresent(tls -> check("listener " + listener.name(), tls));
              });
      case RouteTableConfig table -> check("route table " + table.name(), table);
      case SplitRouteTable table -> check("route table " + table.name(), table.rest());
      case VirtualHostConfig host -> check("virtual host " + host.name(), host.host());
      case ClusterConfig cluster -> {
        if (cluster.discovery() instanceof ClusterConfig.Discovery.Eds(var service)) {
          expect("cluster " + cluster.name(), ResourceType.ENDPOINTS, service);
        }
      }
      case LoadAssignment endpoints -> {}
      case SecretConfig secret -> {}
      case NameTable names -> {}
      case RuntimeOrder order -> {}
    }
  }

  private void check(String from, NetworkFilter filter) {
    switch (filter) {
      case HttpConnection http -> {
        switch (http.routes()) {
          case Routes.Inline(var table) -> check(from, table);
          case Routes.Named(var name) -> expect(from, ResourceType.ROUTE, name);
        }
      }
      case TcpProxy tcp ->
          tcp.clusters().forEach(cluster -> expect(from, ResourceType.CLUSTER, cluster.cluster()));
    }
  }

  /** Those that a proxy has or is told by whoever serves it are there. */
  private void check(String from, DownstreamTls tls) {
    for (String secret : List.of(tls.certificateSecret(), tls.trustSecret())) {
      if (!secret.isEmpty()
          && !secret.equals(SecretConfig.OWN_CERTIFICATE)
          && !secret.equals(SecretConfig.TRUST_BUNDLE)
          && !secret.startsWith(SecretConfig.INLINE)) {
        expect(from, ResourceType.SECRET, secret);
      }
    }
  }

  private void check(String from, RouteTableConfig table) {
    table.hosts().forEach(host -> check(from + ", host " + host.name(), host));
  }

  private void check(String from, RouteTableConfig.VirtualHost host) {
    for (RouteTableConfig.Route route : host.routes()) {
      if (route.action() instanceof RouteAction.Forward forward) {
        String at = from + ", route " + route.name();
        forward.clusters().forEach(cluster -> expect(at, ResourceType.CLUSTER, cluster.cluster()));
        forward.mirrors().forEach(mirror -> expect(at, ResourceType.CLUSTER, mirror.cluster()));
      }
    }
  }

  private void expect(String from, ResourceType type, String name) {
    if (!snapshot.of(type).containsKey(name)) {
      dangling.add(from + " names " + type + " " + name + ", which is not there");
    }
  }
}
