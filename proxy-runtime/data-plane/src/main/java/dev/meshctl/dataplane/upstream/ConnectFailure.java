package dev.meshctl.dataplane.upstream;

/** Why no connection came to be. */
public enum ConnectFailure {
  /** Nothing listens there, or no way leads there. */
  UNREACHABLE,
  TIMEOUT,
  /** The handshake failed, or the server is not who it should be. */
  TLS,
  /** A circuit breaker lets nobody wait any more. */
  OVERFLOW,
  /** The host takes no extended CONNECT (RFC 8441), and so no upgrade over HTTP/2. */
  NO_UPGRADES
}
