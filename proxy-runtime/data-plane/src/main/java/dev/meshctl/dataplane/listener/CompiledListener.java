package dev.meshctl.dataplane.listener;

import dev.meshctl.dataplane.observe.log.CompiledLogs;
import dev.meshctl.model.xds.ListenerConfig;

/**
 * A listener with its chains ready to match.
 *
 * @param statPrefix what stands before the names of its statistics, {@code listener.ADDRESS.}
 * @param logs of its connections
 */
public record CompiledListener(
    ListenerConfig config, ChainTable chains, String statPrefix, CompiledLogs logs) {
  public CompiledListener(ListenerConfig config, ChainTable chains, CompiledLogs logs) {
    this(config, chains, "listener." + config.address().toString().replace(':', '_') + ".", logs);
  }
}
