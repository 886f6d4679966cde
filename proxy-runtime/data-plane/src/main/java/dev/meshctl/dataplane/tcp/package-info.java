/**
 * Connections proxied as plain bytes, both directions ending on their own.
 *
 * <p>In: a client's connection and where it shall go. Out: bytes, counts. Threads: confined to the
 * loop of the connection.
 */
@NullMarked
package dev.meshctl.dataplane.tcp;

import org.jspecify.annotations.NullMarked;
