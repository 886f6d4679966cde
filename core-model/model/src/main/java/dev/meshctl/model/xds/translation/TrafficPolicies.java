package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.DestinationRule.ConnectionPool;
import dev.meshctl.model.resource.DestinationRule.ConsistentHash;
import dev.meshctl.model.resource.DestinationRule.H2Upgrade;
import dev.meshctl.model.resource.DestinationRule.HashKey;
import dev.meshctl.model.resource.DestinationRule.LoadBalancer;
import dev.meshctl.model.resource.DestinationRule.TrafficPolicy;
import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.BalancingOptions.SlowStart;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.LocalOrigin;
import dev.meshctl.model.xds.ClusterConfig.OutlierDetection;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ConnectionLife;
import dev.meshctl.model.xds.HttpLimits;
import dev.meshctl.model.xds.HttpLimits.Http2;
import dev.meshctl.model.xds.UpstreamOptions;
import dev.meshctl.model.xds.route.HashPolicy;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** What a DestinationRule's policy means to a cluster, with Istio's defaults where it is silent. */
final class TrafficPolicies {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration EJECTION_INTERVAL = Duration.ofSeconds(10);
  private static final Duration EJECTION_TIME = Duration.ofSeconds(30);

  /** What a new host begins with: Istio's. */
  private static final double WARMUP_PERCENT = 10;

  private static final int AFFINITY_TABLE = BalancingOptions.DEFAULT_TABLE_SIZE;

  private TrafficPolicies() {}

  /** A policy that says nothing but this. */
  static TrafficPolicy ofPool(ConnectionPool pool) {
    return new TrafficPolicy(
        Optional.empty(),
        Optional.of(pool),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** What requests stick to hosts by; empty where they do not. */
  static Optional<HashPolicy> hash(Optional<TrafficPolicy> policy) {
    return policy
        .flatMap(TrafficPolicy::consistentHash)
        .map(hash ->
            switch (hash.key()) {
              case HashKey.Header(var name) ->
                  new HashPolicy.HeaderValue(name.toLowerCase(Locale.ROOT), false);
              case HashKey.Cookie(var name, var path, var ttl) ->
                  new HashPolicy.Cookie(name, ttl, path, false);
              case HashKey.SourceIp() -> new HashPolicy.SourceIp(false);
              case HashKey.Query(var name) -> new HashPolicy.QueryParameter(name, false);
            });
  }

  /** {@code policy}, with clients sticking to a host by their address unless it balances itself. */
  static TrafficPolicy bySourceAddress(Optional<TrafficPolicy> policy) {
    TrafficPolicy written =
        policy.orElse(
            new TrafficPolicy(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    return written.loadBalancer().isPresent() || written.consistentHash().isPresent()
        ? written
        : new TrafficPolicy(
            written.loadBalancer(),
            written.connectionPool(),
            written.outlierDetection(),
            written.tls(),
            Optional.of(
                new ConsistentHash(
                    new HashKey.SourceIp(), ConsistentHash.DEFAULT_RING_SIZE, AFFINITY_TABLE)),
            written.warmup(),
            written.localityLb());
  }

  /** How the balancer is tuned. */
  static BalancingOptions options(Optional<TrafficPolicy> policy) {
    BalancingOptions usual =
        BalancingOptions.DEFAULT.withPanicPercent(
            policy
                .flatMap(TrafficPolicy::outlierDetection)
                .map(DestinationRule.OutlierDetection::minHealthPercent)
                .orElse(0));
    Optional<ConsistentHash> hash = policy.flatMap(TrafficPolicy::consistentHash);
    if (hash.isPresent()) {
      int table = hash.get().tableSize();
      return new BalancingOptions(
          usual.choiceCount(),
          table > 0 ? usual.minRingSize() : hash.get().minRingSize(),
          usual.maxRingSize(),
          table > 0 ? table : usual.maglevTableSize(),
          usual.panicPercent(),
          // Envoy's ring and table are empty where weights of localities count and none has one.
          policy
              .flatMap(TrafficPolicy::localityLb)
              .filter(lb -> !lb.distribute().isEmpty())
              .isPresent(),
          Optional.empty());
    }
    return switch (balancing(policy)) {
      case LEAST_REQUEST, ROUND_ROBIN ->
          policy
              .flatMap(TrafficPolicy::warmup)
              .filter(Duration::isPositive)
              .map(window -> usual.withSlowStart(new SlowStart(window, 1, WARMUP_PERCENT)))
              .orElse(usual);
      case RANDOM, RING_HASH, MAGLEV, PEAK_EWMA -> usual;
    };
  }

  static LoadBalancing balancing(Optional<TrafficPolicy> policy) {
    Optional<ConsistentHash> hash = policy.flatMap(TrafficPolicy::consistentHash);
    if (hash.isPresent()) {
      return hash.get().tableSize() > 0 ? LoadBalancing.MAGLEV : LoadBalancing.RING_HASH;
    }
    return switch (policy.flatMap(TrafficPolicy::loadBalancer).orElse(LoadBalancer.UNSPECIFIED)) {
      case UNSPECIFIED, LEAST_REQUEST, PASSTHROUGH -> LoadBalancing.LEAST_REQUEST;
      case ROUND_ROBIN -> LoadBalancing.ROUND_ROBIN;
      case RANDOM -> LoadBalancing.RANDOM;
    };
  }

  static Duration connectTimeout(Optional<TrafficPolicy> policy) {
    return policy
        .flatMap(TrafficPolicy::connectionPool)
        .flatMap(ConnectionPool::connectTimeout)
        .filter(Duration::isPositive)
        .orElse(CONNECT_TIMEOUT);
  }

  static CircuitBreakers breakers(Optional<TrafficPolicy> policy) {
    return policy
        .flatMap(TrafficPolicy::connectionPool)
        .map(pool ->
            new CircuitBreakers(
                limit(pool.maxConnections()),
                limit(pool.http1MaxPendingRequests()),
                limit(pool.http2MaxRequests()),
                limit(pool.maxRetries())))
        .orElse(CircuitBreakers.DEFAULT);
  }

  /** Connections of HTTP; streams are those of HTTP/2 alone. */
  static UpstreamOptions upstream(Optional<TrafficPolicy> policy, UpstreamProtocol protocol) {
    return policy
        .flatMap(TrafficPolicy::connectionPool)
        .map(pool ->
            new UpstreamOptions(
                    new HttpLimits(
                        HttpLimits.DEFAULT.headKib(),
                        HttpLimits.DEFAULT.fields(),
                        Math.max(0, pool.maxRequestsPerConnection()),
                        protocol == UpstreamProtocol.HTTP1
                            ? Http2.DEFAULT
                            : streams(pool.maxConcurrentStreams())),
                    pool.idleTimeout()
                        .or(pool::tcpIdleTimeout)
                        .orElse(UpstreamOptions.DEFAULT_IDLE_TIMEOUT),
                    0)
                .living(
                    new ConnectionLife(
                        pool.maxConnectionDuration().orElse(Duration.ZERO),
                        pool.keepalive().map(TrafficPolicies::keepalive))))
        .orElse(UpstreamOptions.DEFAULT);
  }

  private static ConnectionLife.Keepalive keepalive(DestinationRule.Keepalive written) {
    return new ConnectionLife.Keepalive(
        written.probes(), seconds(written.time()), seconds(written.interval()));
  }

  /** Whole seconds, as the kernel counts; a part of one is one. */
  private static int seconds(Duration duration) {
    return (int) Math.min(32_767, duration.plusNanos(999_999_999).toSeconds());
  }

  /**
   * How requests leave, where the service itself is spoken to in {@code usual}: HTTP/1.1 may become
   * HTTP/2, or each request keep its client's version.
   */
  static UpstreamProtocol protocol(
      Optional<TrafficPolicy> policy, UpstreamProtocol usual, boolean requests) {
    Optional<ConnectionPool> pool =
        requests ? policy.flatMap(TrafficPolicy::connectionPool) : Optional.empty();
    if (pool.map(ConnectionPool::useClientProtocol).orElse(false)) {
      return UpstreamProtocol.DOWNSTREAM;
    }
    return usual == UpstreamProtocol.HTTP1
            && pool.map(ConnectionPool::h2Upgrade).orElse(H2Upgrade.DEFAULT) == H2Upgrade.UPGRADE
        ? UpstreamProtocol.HTTP2
        : usual;
  }

  /** Without bytes a TCP connection to the service is closed after this. */
  static Optional<Duration> tcpIdle(Optional<TrafficPolicy> policy) {
    return policy
        .flatMap(TrafficPolicy::connectionPool)
        .flatMap(ConnectionPool::tcpIdleTimeout)
        .filter(Duration::isPositive);
  }

  private static Http2 streams(int written) {
    Http2 none = Http2.DEFAULT;
    return written <= 0
        ? none
        : new Http2(
            written, none.streamWindowBytes(), none.connectionWindowBytes(), none.tableBytes());
  }

  private static int limit(int written) {
    return written > 0 ? written : Integer.MAX_VALUE;
  }

  static Optional<OutlierDetection> outliers(Optional<TrafficPolicy> policy) {
    return policy
        .flatMap(TrafficPolicy::outlierDetection)
        .map(detection ->
            outliers(
                detection,
                positive(detection.interval(), EJECTION_INTERVAL),
                positive(detection.baseEjectionTime(), EJECTION_TIME)));
  }

  private static OutlierDetection outliers(
      DestinationRule.OutlierDetection detection, Duration interval, Duration base) {
    OutlierDetection plain =
        new OutlierDetection(
            detection.consecutive5xxErrors(),
            detection.consecutiveGatewayErrors(),
            interval,
            base,
            detection.maxEjectionPercent());
    return new OutlierDetection(
        plain.consecutive5xx(),
        plain.consecutiveGatewayErrors(),
        plain.interval(),
        plain.baseEjectionTime(),
        plain.maxEjectionPercent(),
        plain.maxEjectionTime(),
        new LocalOrigin(detection.splitLocalOrigin(), detection.consecutiveLocalOriginFailures()),
        plain.successRate(),
        plain.failurePercentage());
  }

  private static Duration positive(Duration written, Duration otherwise) {
    return written.isPositive() ? written : otherwise;
  }
}
