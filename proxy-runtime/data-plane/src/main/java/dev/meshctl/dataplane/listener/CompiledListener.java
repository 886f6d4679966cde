package dev.meshctl.dataplane.listener;

import dev.meshctl.model.xds.ListenerConfig;

/** A listener with its chains ready to match. */
public record CompiledListener(ListenerConfig config, ChainTable chains) {}
