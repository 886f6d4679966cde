package dev.meshctl.model.xds;

import java.time.Duration;
import java.util.List;

/**
 * {@code envoy.config.core.v3.HealthCheck}: how a proxy asks endpoints whether they are well.
 *
 * @param timeout of one check, positive
 * @param interval from the end of a check to the next, positive
 * @param jitter anything from zero to this is added to {@code interval}
 * @param unhealthyThreshold failures in a row that make a host unhealthy, at least 1
 * @param healthyThreshold successes in a row that bring it back, at least 1
 */
public record HealthCheck(
    Duration timeout,
    Duration interval,
    Duration jitter,
    int unhealthyThreshold,
    int healthyThreshold,
    Check check) {

  /** What is asked. */
  public sealed interface Check {
    /**
     * {@code GET path}.
     *
     * @param host empty for the cluster's name
     * @param expected statuses that are well; empty for 200
     */
    record Http(String host, String path, List<Statuses> expected, boolean http2) implements Check {
      public Http {
        expected = List.copyOf(expected);
      }
    }

    /** A connection, its handshake done. */
    record Tcp() implements Check {}

    /**
     * {@code grpc.health.v1.Health/Check}.
     *
     * @param service asked for, may be empty
     * @param authority empty for the cluster's name
     */
    record Grpc(String service, String authority) implements Check {}
  }

  /** From {@code first} to before {@code end}. */
  public record Statuses(int first, int end) {}
}
