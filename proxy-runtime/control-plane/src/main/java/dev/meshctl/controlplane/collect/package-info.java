/**
 * What the proxies measured: 1 s windows in a bounded ring, merged on demand.
 *
 * <p>In: telemetry streams of authenticated proxies. Out: edge samples of the last seconds.
 * Threads: gRPC's executors write, queries read; one lock, held for memory work only.
 */
@NullMarked
package dev.meshctl.controlplane.collect;

import org.jspecify.annotations.NullMarked;
