/**
 * The configuration in force: compiled away from the loops, swapped whole, taken up by new requests
 * while those under way keep theirs.
 *
 * <p>In: snapshots from {@code xdsclient}. Out: {@link dev.meshctl.dataplane.live.LiveConfig}.
 * Threads: compiling runs on the caller's thread; compiled configurations are immutable.
 */
@NullMarked
package dev.meshctl.dataplane.live;

import org.jspecify.annotations.NullMarked;
