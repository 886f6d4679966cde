package dev.meshctl.model.resource;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Istio {@code networking.istio.io/DestinationRule}.
 *
 * @param workloadSelector labels of the clients in its namespace that are meant; empty is all
 */
public record DestinationRule(
    Metadata metadata,
    String host,
    Optional<TrafficPolicy> trafficPolicy,
    List<Subset> subsets,
    List<String> exportTo,
    Map<String, String> workloadSelector)
    implements MeshResource {
  public DestinationRule {
    workloadSelector = Map.copyOf(workloadSelector);
    subsets = List.copyOf(subsets);
    exportTo = List.copyOf(exportTo);
  }

  /** One for all clients. */
  public DestinationRule(
      Metadata metadata,
      String host,
      Optional<TrafficPolicy> trafficPolicy,
      List<Subset> subsets,
      List<String> exportTo) {
    this(metadata, host, trafficPolicy, subsets, exportTo, Map.of());
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

  /**
   * {@code trafficPolicy}.
   *
   * @param portLevel in place of all the others at some ports
   */
  public record TrafficPolicy(
      Optional<LoadBalancer> loadBalancer,
      Optional<ConnectionPool> connectionPool,
      Optional<OutlierDetection> outlierDetection,
      Optional<TlsMode> tls,
      Optional<ConsistentHash> consistentHash,
      Optional<Duration> warmup,
      Optional<LocalityLb> localityLb,
      Map<Integer, TrafficPolicy> portLevel) {
    public TrafficPolicy {
      portLevel = Map.copyOf(portLevel);
    }

    /** One for all ports. */
    public TrafficPolicy(
        Optional<LoadBalancer> loadBalancer,
        Optional<ConnectionPool> connectionPool,
        Optional<OutlierDetection> outlierDetection,
        Optional<TlsMode> tls,
        Optional<ConsistentHash> consistentHash,
        Optional<Duration> warmup,
        Optional<LocalityLb> localityLb) {
      this(
          loadBalancer,
          connectionPool,
          outlierDetection,
          tls,
          consistentHash,
          warmup,
          localityLb,
          Map.of());
    }

    /** What holds at a port. */
    public TrafficPolicy atPort(int port) {
      return portLevel.getOrDefault(port, this);
    }
  }

  /**
   * {@code loadBalancer.localityLbSetting}: of {@code distribute} and the two ways to fail over, at
   * most one kind is written.
   *
   * @param enabled false takes back what holds without it
   * @param failoverPriority labels, or {@code label=value}, that endpoints share with the client
   */
  public record LocalityLb(
      boolean enabled,
      List<Distribute> distribute,
      List<Failover> failover,
      List<String> failoverPriority) {
    public LocalityLb {
      distribute = List.copyOf(distribute);
      failover = List.copyOf(failover);
      failoverPriority = List.copyOf(failoverPriority);
    }
  }

  /**
   * Where requests from a place go.
   *
   * @param from {@code region/zone/subzone}, cut short or with {@code *}
   * @param to the same with percentages, whose sum is 100
   */
  public record Distribute(String from, Map<String, Integer> to) {
    public Distribute {
      to = Map.copyOf(to);
    }
  }

  /** Regions. */
  public record Failover(String from, String to) {}

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
      int maxConcurrentStreams,
      Optional<Keepalive> keepalive,
      Optional<Duration> maxConnectionDuration,
      Optional<Duration> tcpIdleTimeout,
      H2Upgrade h2Upgrade,
      boolean useClientProtocol) {}

  /** {@code tcp.tcpKeepalive}; 0 is the system's. */
  public record Keepalive(int probes, Duration time, Duration interval) {}

  /** {@code http.h2UpgradePolicy}: whether HTTP/1.1 to a service becomes HTTP/2 between proxies. */
  public enum H2Upgrade {
    DEFAULT,
    DO_NOT_UPGRADE,
    UPGRADE
  }

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
