/**
 * What a connection speaks, from its first bytes, before a filter chain is chosen.
 *
 * <p>In: bytes. Out: {@link dev.meshctl.dataplane.detect.Detected}. Threads: confined to the loop
 * of the connection.
 */
@NullMarked
package dev.meshctl.dataplane.detect;

import org.jspecify.annotations.NullMarked;
