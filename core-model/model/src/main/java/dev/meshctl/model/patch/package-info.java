/**
 * Patches of running proxies, as values: what is ordered of each, what each reports, and the state
 * machine that goes from wave to wave and back.
 *
 * <p>In: proxies, reports, verdicts of the gate, commands of an operator. Out: orders ({@link
 * dev.meshctl.model.xds.RuntimeOrder}), events, the state to keep. Nothing here knows a network, a
 * clock or a store. Threads: immutable.
 */
@NullMarked
package dev.meshctl.model.patch;

import org.jspecify.annotations.NullMarked;
