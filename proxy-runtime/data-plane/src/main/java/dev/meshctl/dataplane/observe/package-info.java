/**
 * What the proxy says about its traffic: failures and their signs, counts of each edge, metrics.
 *
 * <p>In: ends of requests and connections, on their event loop. Out: telemetry samples, Prometheus
 * text, counters. May be imported by: {@code stack}, {@code upstream}, {@code http}, {@code
 * listener}, {@code admin}, {@code dataplane}. May import: {@code model.telemetry}, {@code
 * model.xds}. Threads: meters and counters are written by one event loop each; {@link
 * dev.meshctl.dataplane.observe.Telemetry} gathers them on any other thread.
 */
@NullMarked
package dev.meshctl.dataplane.observe;

import org.jspecify.annotations.NullMarked;
