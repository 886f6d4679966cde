/**
 * Connections that the kernel tracks: which of them are stale, and the messages of netlink that
 * list and delete them.
 *
 * <p>In: a plan, bytes. Out: flows, bytes; nothing here opens a socket. May be imported by: {@code
 * app}. Threads: pure functions.
 */
@NullMarked
package dev.meshctl.capture.node.flows;

import org.jspecify.annotations.NullMarked;
