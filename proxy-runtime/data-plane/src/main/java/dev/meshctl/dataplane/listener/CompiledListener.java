package dev.meshctl.dataplane.listener;

import dev.meshctl.model.xds.ListenerConfig;

/**
 * A listener with its chains ready to match.
 *
 * @param statPrefix what stands before the names of its statistics, {@code listener.ADDRESS.}
 */
public record CompiledListener(ListenerConfig config, ChainTable chains, String statPrefix) {
  public CompiledListener(ListenerConfig config, ChainTable chains) {
    this(config, chains, "listener." + config.address().toString().replace(':', '_') + ".");
  }
}
