package dev.meshctl.model.resource;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Istio {@code networking.istio.io/DestinationRule}. */
public record DestinationRule(
    Metadata metadata,
    String host,
    Optional<TrafficPolicy> trafficPolicy,
    List<Subset> subsets,
    List<String> exportTo)
    implements MeshResource {
  public DestinationRule {
    subsets = List.copyOf(subsets);
    exportTo = List.copyOf(exportTo);
  }

  @Override
  public String kind() {
    return "DestinationRule";
  }

  public record Subset(
      String name, Map<String, String> labels, Optional<TrafficPolicy> trafficPolicy) {
    public Subset {
      labels = Map.copyOf(labels);
    }
  }

  /** {@code trafficPolicy}. */
  public record TrafficPolicy(
      Optional<LoadBalancer> loadBalancer,
      Optional<ConnectionPool> connectionPool,
      Optional<OutlierDetection> outlierDetection,
      Optional<TlsMode> tls,
      Optional<ConsistentHash> consistentHash,
      Optional<Duration> warmup) {}

  /**
   * {@code loadBalancer.consistentHash}.
   *
   * @param minRingSize places on a ring at least, where {@code tableSize} is 0
   * @param tableSize entries of a Maglev table, a prime; 0 for a ring
   */
  public record ConsistentHash(HashKey key, int minRingSize, int tableSize) {
    public static final int DEFAULT_RING_SIZE = 1024;
  }

  /** What a request sticks to a host by. */
  public sealed interface HashKey {
    record Header(String name) implements HashKey {}

    /** {@code ttl} zero is a session's; empty never sets one. */
    record Cookie(String name, String path, Optional<Duration> ttl) implements HashKey {}

    record SourceIp() implements HashKey {}

    record Query(String name) implements HashKey {}
  }

  /** {@code loadBalancer.simple}; {@code UNSPECIFIED} is least request. */
  public enum LoadBalancer {
    UNSPECIFIED,
    LEAST_REQUEST,
    ROUND_ROBIN,
    RANDOM,
    PASSTHROUGH
  }

  /** {@code connectionPool}; 0 is the proxy's default, absent is the default. */
  public record ConnectionPool(
      int maxConnections,
      Optional<Duration> connectTimeout,
      int http1MaxPendingRequests,
      int http2MaxRequests,
      int maxRetries,
      Optional<Duration> idleTimeout,
      int maxRequestsPerConnection,
      int maxConcurrentStreams) {}

  /** {@code outlierDetection}. */
  public record OutlierDetection(
      int consecutive5xxErrors,
      int consecutiveGatewayErrors,
      Duration interval,
      Duration baseEjectionTime,
      int maxEjectionPercent,
      boolean splitLocalOrigin,
      int consecutiveLocalOriginFailures,
      int minHealthPercent) {}

  /** {@code tls.mode}. */
  public enum TlsMode {
    DISABLE,
    SIMPLE,
    MUTUAL,
    ISTIO_MUTUAL
  }
}
