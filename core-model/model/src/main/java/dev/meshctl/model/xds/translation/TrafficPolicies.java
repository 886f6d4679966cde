package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.DestinationRule.ConnectionPool;
import dev.meshctl.model.resource.DestinationRule.LoadBalancer;
import dev.meshctl.model.resource.DestinationRule.TrafficPolicy;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.OutlierDetection;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.HttpLimits;
import dev.meshctl.model.xds.HttpLimits.Http2;
import dev.meshctl.model.xds.UpstreamOptions;
import java.time.Duration;
import java.util.Optional;

/** What a DestinationRule's policy means to a cluster, with Istio's defaults where it is silent. */
final class TrafficPolicies {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration EJECTION_INTERVAL = Duration.ofSeconds(10);
  private static final Duration EJECTION_TIME = Duration.ofSeconds(30);

  private TrafficPolicies() {}

  static LoadBalancing balancing(Optional<TrafficPolicy> policy) {
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
                pool.idleTimeout().orElse(UpstreamOptions.DEFAULT_IDLE_TIMEOUT),
                0))
        .orElse(UpstreamOptions.DEFAULT);
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
            new OutlierDetection(
                detection.consecutive5xxErrors(),
                detection.consecutiveGatewayErrors(),
                positive(detection.interval(), EJECTION_INTERVAL),
                positive(detection.baseEjectionTime(), EJECTION_TIME),
                detection.maxEjectionPercent()));
  }

  private static Duration positive(Duration written, Duration otherwise) {
    return written.isPositive() ? written : otherwise;
  }
}
