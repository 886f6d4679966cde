package dev.meshctl.model.xds;

import java.time.Duration;

/**
 * Settings of the connections to a cluster that most leave as they are.
 *
 * @param idleTimeout without any request a connection is closed, zero is off
 * @param bufferBytes written and not yet sent to a host, above which we stop reading from the other
 *     side: {@code per_connection_buffer_limit_bytes}, 0 is {@link ListenerConfig#bufferBytes}'s
 *     default
 */
public record UpstreamOptions(HttpLimits limits, Duration idleTimeout, int bufferBytes) {
  /** Ours, where none is set: Envoy's hour keeps sockets that no one needs. */
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofSeconds(60);

  public static final UpstreamOptions DEFAULT =
      new UpstreamOptions(HttpLimits.DEFAULT, DEFAULT_IDLE_TIMEOUT, 0);
}
