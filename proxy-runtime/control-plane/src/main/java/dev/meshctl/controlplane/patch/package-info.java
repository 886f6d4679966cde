/**
 * Performs patches: keeps their state, tells proxies their orders, gives them bundles, and hears
 * how far they are.
 *
 * <p>In: reports and fetches of authenticated proxies, what an operator asks for, measurements.
 * Out: orders by proxy, for {@code serve}. What is decided is decided by {@code model.patch}.
 * Threads: gRPC's and one that ticks; one lock, held for work in memory and one small file.
 */
@NullMarked
package dev.meshctl.controlplane.patch;

import org.jspecify.annotations.NullMarked;
