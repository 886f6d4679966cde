package dev.meshctl.model.wire;

import com.google.protobuf.UInt64Value;
import dev.meshctl.model.xds.ConnectionLimit;
import io.envoyproxy.envoy.config.listener.v3.Filter;

/** {@link ConnectionLimit} to and from the network filter. */
final class ConnectionLimitCodec {
  static final String NAME = "envoy.filters.network.connection_limit";
  private static final KnownFields FILTER =
      KnownFields.of(
          io.envoyproxy.envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit
              .getDescriptor(),
          "stat_prefix",
          "max_connections",
          "delay",
          "runtime_enabled");

  private ConnectionLimitCodec() {}

  static Filter encode(ConnectionLimit limit) {
    var message =
        io.envoyproxy.envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit
            .newBuilder()
            .setStatPrefix(limit.statPrefix())
            .setMaxConnections(UInt64Value.of(limit.maxConnections()));
    if (limit.delay().isPositive()) {
      message.setDelay(Packing.duration(limit.delay()));
    }
    return Filter.newBuilder().setName(NAME).setTypedConfig(Packing.pack(message.build())).build();
  }

  static ConnectionLimit decode(
      Reading reading,
      String path,
      io.envoyproxy.envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit message) {
    reading.expect(path, message, FILTER);
    long most = message.getMaxConnections().getValue();
    if (most == 0) {
      reading.refuse(path + ".max_connections", "0 (expected: 1 or more)");
    }
    // There is no runtime: the default decides.
    boolean off =
        message.hasRuntimeEnabled() && !message.getRuntimeEnabled().getDefaultValue().getValue();
    return new ConnectionLimit(
        message.getStatPrefix(),
        off || most < 0 ? Long.MAX_VALUE : most,
        reading.duration(path + ".delay", message.getDelay()));
  }
}
