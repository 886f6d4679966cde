package dev.meshctl.dataplane.http;

import dev.meshctl.model.xds.HttpLimits;

/**
 * How a client's HTTP connection behaves. Zero switches a limit off.
 *
 * @param idleNanos without any request the connection is closed
 * @param streamIdleNanos without any byte in either direction an exchange is ended
 * @param requestNanos for a whole request to arrive
 * @param headersNanos for a request's head to arrive, from its first byte
 */
public record HttpServerSettings(
    long idleNanos, long streamIdleNanos, long requestNanos, long headersNanos, HttpLimits limits) {

  /** The shorter of the two times that a head is given; 0 is without limit. */
  long headNanos() {
    return headersNanos > 0 && requestNanos > 0
        ? Math.min(headersNanos, requestNanos)
        : Math.max(headersNanos, requestNanos);
  }
}
