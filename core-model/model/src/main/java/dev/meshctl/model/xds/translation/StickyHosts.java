package dev.meshctl.model.xds.translation;

import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.NetworkFilter.TcpProxy;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.route.HashPolicy;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Gives routes what their clusters' rings and tables look up. A route whose split is sticky keeps
 * its own key, for hosts too.
 */
final class StickyHosts {
  private StickyHosts() {}

  /**
   * @param hashes by cluster
   */
  static RouteTableConfig in(RouteTableConfig table, Map<String, HashPolicy> hashes) {
    return table.withHosts(
        table.hosts().stream()
            .map(host ->
                new VirtualHost(
                    host.name(),
                    host.domains(),
                    host.routes().stream().map(route -> in(route, hashes)).toList(),
                    host.headers(),
                    host.requireTls(),
                    host.overrides()))
            .toList());
  }

  /**
   * A connection has nothing but its client's address to stick by.
   *
   * @param hashes by cluster
   */
  static ListenerConfig in(ListenerConfig listener, Map<String, HashPolicy> hashes) {
    return listener.mapChains(chain ->
        chain.filter() instanceof TcpProxy tcp
                && tcp.clusters().stream()
                    .anyMatch(c -> hashes.get(c.cluster()) instanceof HashPolicy.SourceIp)
            ? chain.with(chain.access(), tcp.stickingBySourceIp())
            : chain);
  }

  private static Route in(Route route, Map<String, HashPolicy> hashes) {
    if (!(route.action() instanceof RouteAction.Forward forward) || !forward.hash().isEmpty()) {
      return route;
    }
    List<HashPolicy> wanted =
        forward.clusters().stream()
            .map(cluster -> hashes.get(cluster.cluster()))
            .filter(Objects::nonNull)
            .distinct()
            .toList();
    return wanted.isEmpty()
        ? route
        : route.with(forward.hashedBy(wanted.toArray(HashPolicy[]::new)));
  }
}
