package dev.meshctl.model.xds;

import java.time.Duration;

/**
 * {@code envoy.filters.network.connection_limit}.
 *
 * @param statPrefix of its statistics
 * @param maxConnections at a time through the chain, 1 or more
 * @param delay before one too many is closed, zero closes it at once
 */
public record ConnectionLimit(String statPrefix, long maxConnections, Duration delay) {}
