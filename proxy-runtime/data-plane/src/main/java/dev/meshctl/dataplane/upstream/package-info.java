/**
 * Connections to upstreams: made, pooled for each loop, given to exchanges, closed when idle.
 *
 * <p>In: an address, a transport, a protocol. Out: {@link
 * dev.meshctl.dataplane.http.UpstreamStream}s and plain channels. May import: {@code http}, {@code
 * net}. Threads: everything is confined to one event loop.
 */
@NullMarked
package dev.meshctl.dataplane.upstream;

import org.jspecify.annotations.NullMarked;
