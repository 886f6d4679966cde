/**
 * Listening sockets and the choice of a filter chain for each accepted connection.
 *
 * <p>In: compiled listeners. Out: connections with their chain chosen, handed to {@link
 * dev.meshctl.dataplane.listener.Listeners.Accept}. Threads: tables are immutable; a socket and its
 * connections belong to one loop.
 */
@NullMarked
package dev.meshctl.dataplane.listener;

import org.jspecify.annotations.NullMarked;
