package dev.meshctl.dataplane.http;

/**
 * How a client's HTTP connection behaves. Zero switches a limit off.
 *
 * @param idleNanos without any request the connection is closed
 * @param streamIdleNanos without any byte in either direction an exchange is ended
 * @param requestNanos for a whole request to arrive
 */
public record HttpServerSettings(long idleNanos, long streamIdleNanos, long requestNanos) {}
