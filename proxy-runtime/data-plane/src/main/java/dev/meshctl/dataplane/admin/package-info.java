/**
 * Envoy's admin paths, on a loopback address.
 *
 * <p>In: an {@link dev.meshctl.dataplane.admin.AdminSource} that tells the proxy's state. Out: text
 * and JSON shaped like Envoy's. May be imported by: {@code dataplane}. May import: {@code observe},
 * {@code model}, {@code xdsclient}. Threads: its own virtual threads, never an event loop.
 */
@NullMarked
package dev.meshctl.dataplane.admin;

import org.jspecify.annotations.NullMarked;
