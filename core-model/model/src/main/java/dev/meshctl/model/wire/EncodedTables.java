package dev.meshctl.model.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.meshctl.model.xds.VirtualHostConfig;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.Collection;
import java.util.List;

/**
 * Split route tables made whole again, for people: their hosts are resources of their own on the
 * wire.
 *
 * <p>Threads: pure functions.
 */
public final class EncodedTables {
  private EncodedTables() {}

  /**
   * {@code tables} with those of {@code hosts} that are theirs; the version is still the table's
   * own.
   */
  public static List<EncodedResource> joined(
      Collection<EncodedResource> tables, Collection<EncodedResource> hosts) {
    return tables.stream().map(table -> joined(table, hosts)).toList();
  }

  private static EncodedResource joined(EncodedResource table, Collection<EncodedResource> hosts) {
    try {
      RouteConfiguration message = RouteConfiguration.parseFrom(table.any().getValue());
      if (!message.hasVhds()) {
        return table;
      }
      RouteConfiguration.Builder whole = message.toBuilder().clearVhds();
      String prefix = table.name() + VirtualHostConfig.SEPARATOR;
      for (EncodedResource host : hosts) {
        if (host.name().startsWith(prefix)) {
          whole.addVirtualHosts(
              VirtualHost.parseFrom(host.any().getValue()).toBuilder()
                  .setName(host.name().substring(prefix.length())));
        }
      }
      return table.with(Packing.pack(whole.build()));
    } catch (InvalidProtocolBufferException notOurs) {
      throw new IllegalStateException(table.name() + " is not what we encoded", notOurs);
    }
  }
}
