package dev.meshctl.model.xds;

import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;

/**
 * {@code envoy.config.route.v3.VirtualHost} as a resource of its own (VHDS): one host of a {@link
 * SplitRouteTable}, named {@code TABLE/HOST}.
 */
public record VirtualHostConfig(String table, VirtualHost host) implements XdsResource {
  /** Between the two parts of a name; the last one in it counts. */
  public static final char SEPARATOR = '/';

  @Override
  public String name() {
    return table + SEPARATOR + host.name();
  }
}
