/**
 * The request model that HTTP/1 and HTTP/2 share, and the codecs of both on both sides.
 *
 * <p>In: bytes of a connection. Out: {@link dev.meshctl.dataplane.http.RequestHead}, body buffers,
 * trailers, handed to a {@link dev.meshctl.dataplane.http.RequestHandler}; the answer comes back by
 * {@link dev.meshctl.dataplane.http.Downstream}. May import: {@code net}, {@code model.match}.
 * Threads: everything is confined to the loop of its connection.
 */
@NullMarked
package dev.meshctl.dataplane.http;

import org.jspecify.annotations.NullMarked;
