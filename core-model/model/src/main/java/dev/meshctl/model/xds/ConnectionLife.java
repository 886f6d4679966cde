package dev.meshctl.model.xds;

import java.time.Duration;
import java.util.Optional;

/**
 * How long connections to a host live, and how it is found out that they do not.
 *
 * @param longest after which a connection takes no new exchange and ends with those it has: {@code
 *     max_connection_duration}, zero is off
 * @param keepalive of TCP; empty for the system's
 */
public record ConnectionLife(Duration longest, Optional<Keepalive> keepalive) {
  public static final ConnectionLife DEFAULT = new ConnectionLife(Duration.ZERO, Optional.empty());

  /**
   * {@code TcpKeepalive}; 0 is the system's.
   *
   * @param probes that are not answered before a connection is given up
   * @param timeSeconds without a word before the first probe
   * @param intervalSeconds between probes
   */
  public record Keepalive(int probes, int timeSeconds, int intervalSeconds) {}

  /** A connection opened at {@code bornNanos} takes no new exchange. */
  public boolean isOver(long bornNanos, long nowNanos) {
    return longest.isPositive() && nowNanos - bornNanos >= longest.toNanos();
  }
}
