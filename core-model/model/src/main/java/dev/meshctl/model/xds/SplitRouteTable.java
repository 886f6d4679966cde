package dev.meshctl.model.xds;

import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * {@code RouteConfiguration} with {@code vhds}: a route table whose hosts come as resources of
 * their own, so that one changed route is one host on the wire and not the table of all.
 *
 * @param rest the table without those hosts; it may have others
 */
public record SplitRouteTable(RouteTableConfig rest) implements XdsResource {

  @Override
  public String name() {
    return rest.name();
  }

  /** Whether each host of {@code table} can have a name of its own. */
  public static boolean fits(RouteTableConfig table) {
    Set<String> names = new HashSet<>();
    return table.hosts().stream()
        .map(VirtualHost::name)
        .allMatch(name -> name.indexOf(VirtualHostConfig.SEPARATOR) < 0 && names.add(name));
  }

  /** {@code table} without its hosts. */
  public static SplitRouteTable of(RouteTableConfig table) {
    return new SplitRouteTable(table.withHosts(List.of()));
  }

  /** The hosts of {@code table}. */
  public static List<VirtualHostConfig> hosts(RouteTableConfig table) {
    return table.hosts().stream().map(host -> new VirtualHostConfig(table.name(), host)).toList();
  }

  /** The table with {@code hosts} again. */
  public RouteTableConfig with(Collection<VirtualHostConfig> hosts) {
    List<VirtualHost> all = new ArrayList<>(rest.hosts());
    hosts.forEach(each -> all.add(each.host()));
    return rest.withHosts(all);
  }
}
