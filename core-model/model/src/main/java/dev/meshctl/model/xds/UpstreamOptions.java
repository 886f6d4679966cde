package dev.meshctl.model.xds;

import java.time.Duration;
import java.util.Optional;

/**
 * Settings of the connections to a cluster that most leave as they are.
 *
 * @param idleTimeout without any request a connection is closed, zero is off
 * @param bufferBytes written and not yet sent to a host, above which we stop reading from the other
 *     side: {@code per_connection_buffer_limit_bytes}, 0 is {@link ListenerConfig#bufferBytes}'s
 *     default
 * @param proxyProtocol hosts are told whose connection it is
 * @param life how long connections last
 */
public record UpstreamOptions(
    HttpLimits limits,
    Duration idleTimeout,
    int bufferBytes,
    Optional<ProxyProtocolSent> proxyProtocol,
    ConnectionLife life) {
  /** Ours, where none is set: Envoy's hour keeps sockets that no one needs. */
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofSeconds(60);

  public static final UpstreamOptions DEFAULT =
      new UpstreamOptions(HttpLimits.DEFAULT, DEFAULT_IDLE_TIMEOUT, 0);

  public UpstreamOptions(HttpLimits limits, Duration idleTimeout, int bufferBytes) {
    this(limits, idleTimeout, bufferBytes, Optional.empty(), ConnectionLife.DEFAULT);
  }

  /** The same, and hosts are told by {@code header}. */
  public UpstreamOptions telling(Optional<ProxyProtocolSent> header) {
    return new UpstreamOptions(limits, idleTimeout, bufferBytes, header, life);
  }

  /** The same with connections that live so. */
  public UpstreamOptions living(ConnectionLife other) {
    return new UpstreamOptions(limits, idleTimeout, bufferBytes, proxyProtocol, other);
  }
}
