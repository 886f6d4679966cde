/**
 * How a proxy follows the order to run another runtime: fetch, verify, unpack, have it started
 * beside itself, and step aside.
 *
 * <pre>
 * RuntimeOrder --{@link dev.meshctl.app.patch.OrderFollower}--&gt; bundle in a folder
 *     --{@link dev.meshctl.app.patch.SupervisorLine}--&gt; the next process --reports--&gt; control plane
 * </pre>
 *
 * <p>In: an order, what the supervisor says. Out: reports. See {@code docs/adr/0019}. May import:
 * {@code bundle}, {@code model}. Threads: virtual ones that block; never an event loop.
 */
@NullMarked
package dev.meshctl.app.patch;

import org.jspecify.annotations.NullMarked;
