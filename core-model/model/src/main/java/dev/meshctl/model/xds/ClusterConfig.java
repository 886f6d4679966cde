package dev.meshctl.model.xds;

import java.time.Duration;
import java.util.Optional;

/**
 * {@code envoy.config.cluster.v3.Cluster}.
 *
 * @param service what this cluster reaches, for telemetry
 */
public record ClusterConfig(
    String name,
    Discovery discovery,
    Duration connectTimeout,
    LoadBalancing loadBalancing,
    Transport transport,
    UpstreamProtocol protocol,
    CircuitBreakers circuitBreakers,
    Optional<OutlierDetection> outlierDetection,
    ServiceRef service,
    BalancingOptions balancing,
    Optional<HealthCheck> healthCheck,
    UpstreamOptions upstream)
    implements XdsResource {
  public ClusterConfig(
      String name,
      Discovery discovery,
      Duration connectTimeout,
      LoadBalancing loadBalancing,
      Transport transport,
      UpstreamProtocol protocol,
      CircuitBreakers circuitBreakers,
      Optional<OutlierDetection> outlierDetection,
      ServiceRef service,
      BalancingOptions balancing,
      Optional<HealthCheck> healthCheck) {
    this(
        name,
        discovery,
        connectTimeout,
        loadBalancing,
        transport,
        protocol,
        circuitBreakers,
        outlierDetection,
        service,
        balancing,
        healthCheck,
        UpstreamOptions.DEFAULT);
  }

  /** The same reached otherwise. */
  public ClusterConfig withTransport(Transport other) {
    return new ClusterConfig(
        name,
        discovery,
        connectTimeout,
        loadBalancing,
        other,
        protocol,
        circuitBreakers,
        outlierDetection,
        service,
        balancing,
        healthCheck,
        upstream);
  }

  /** The same with other options. */
  public ClusterConfig withUpstream(UpstreamOptions others) {
    return new ClusterConfig(
        name,
        discovery,
        connectTimeout,
        loadBalancing,
        transport,
        protocol,
        circuitBreakers,
        outlierDetection,
        service,
        balancing,
        healthCheck,
        others);
  }

  public ClusterConfig(
      String name,
      Discovery discovery,
      Duration connectTimeout,
      LoadBalancing loadBalancing,
      Transport transport,
      UpstreamProtocol protocol,
      CircuitBreakers circuitBreakers,
      Optional<OutlierDetection> outlierDetection,
      ServiceRef service,
      BalancingOptions balancing) {
    this(
        name,
        discovery,
        connectTimeout,
        loadBalancing,
        transport,
        protocol,
        circuitBreakers,
        outlierDetection,
        service,
        balancing,
        Optional.empty());
  }

  public ClusterConfig(
      String name,
      Discovery discovery,
      Duration connectTimeout,
      LoadBalancing loadBalancing,
      Transport transport,
      UpstreamProtocol protocol,
      CircuitBreakers circuitBreakers,
      Optional<OutlierDetection> outlierDetection,
      ServiceRef service) {
    this(
        name,
        discovery,
        connectTimeout,
        loadBalancing,
        transport,
        protocol,
        circuitBreakers,
        outlierDetection,
        service,
        BalancingOptions.DEFAULT);
  }

  /** Where endpoints come from. */
  public sealed interface Discovery {
    /** From EDS under this name. */
    record Eds(String serviceName) implements Discovery {}

    record Static(LoadAssignment endpoints) implements Discovery {}

    /** By DNS names: each endpoint stands for all addresses of its name. */
    record StrictDns(LoadAssignment names) implements Discovery {}

    /** The connection's own original destination. */
    record OriginalDestination() implements Discovery {}
  }

  public enum LoadBalancing {
    LEAST_REQUEST,
    ROUND_ROBIN,
    RANDOM,
    /** By the request's hash on a ring of hosts. */
    RING_HASH,
    /** By the request's hash in a table of hosts. */
    MAGLEV,
    /** By how long answers take and how many requests are under way. */
    PEAK_EWMA
  }

  /** How bytes leave. */
  public sealed interface Transport {
    record Plaintext() implements Transport {}

    record Tls(UpstreamTls tls) implements Transport {}

    /**
     * Auto mTLS: TLS to endpoints whose metadata says {@code tlsMode: istio}, plaintext to others.
     */
    record Auto(UpstreamTls tls) implements Transport {}
  }

  public enum UpstreamProtocol {
    HTTP1,
    HTTP2,
    /** What the downstream request speaks. */
    DOWNSTREAM
  }

  /**
   * {@code circuit_breakers.thresholds[DEFAULT]}: limits per proxy; reaching one sheds with 503.
   *
   * @param high {@code thresholds[HIGH]}, for routes of that priority, which have connections of
   *     their own; empty for Envoy's limits
   * @param maxHostConnections to each host, those of high priority apart, 0 for no limit: {@code
   *     per_host_thresholds[DEFAULT].max_connections}
   */
  public record CircuitBreakers(
      int maxConnections,
      int maxPendingRequests,
      int maxRequests,
      int maxRetries,
      Optional<RetryBudget> retryBudget,
      Optional<HighPriority> high,
      int maxHostConnections) {
    public CircuitBreakers(
        int maxConnections,
        int maxPendingRequests,
        int maxRequests,
        int maxRetries,
        Optional<RetryBudget> retryBudget) {
      this(
          maxConnections,
          maxPendingRequests,
          maxRequests,
          maxRetries,
          retryBudget,
          Optional.empty(),
          0);
    }

    /** The same with at most {@code most} connections to each host. */
    public CircuitBreakers withHostConnections(int most) {
      return new CircuitBreakers(
          maxConnections, maxPendingRequests, maxRequests, maxRetries, retryBudget, high, most);
    }

    /** The same, and {@code limits} for routes of high priority. */
    public CircuitBreakers withHigh(HighPriority limits) {
      return new CircuitBreakers(
          maxConnections,
          maxPendingRequests,
          maxRequests,
          maxRetries,
          retryBudget,
          Optional.of(limits),
          maxHostConnections);
    }

    /** What holds for routes of high priority. */
    public CircuitBreakers ofHigh() {
      HighPriority limits = high.orElse(HighPriority.DEFAULT);
      return new CircuitBreakers(
          limits.maxConnections(),
          limits.maxPendingRequests(),
          limits.maxRequests(),
          limits.maxRetries(),
          limits.retryBudget());
    }

    public CircuitBreakers(
        int maxConnections, int maxPendingRequests, int maxRequests, int maxRetries) {
      this(maxConnections, maxPendingRequests, maxRequests, maxRetries, Optional.empty());
    }

    /** Practically unbounded, as Istio's default. */
    public static final CircuitBreakers DEFAULT =
        new CircuitBreakers(
            Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  /** {@code circuit_breakers.thresholds[HIGH]}, as those of {@link CircuitBreakers}. */
  public record HighPriority(
      int maxConnections,
      int maxPendingRequests,
      int maxRequests,
      int maxRetries,
      Optional<RetryBudget> retryBudget) {
    /** Envoy's. */
    public static final HighPriority DEFAULT =
        new HighPriority(1024, 1024, 1024, 3, Optional.empty());
  }

  /**
   * {@code retry_budget}, in place of {@code maxRetries}.
   *
   * @param percent of the requests under way that may be retries, 0 to 100
   * @param minConcurrency retries at a time that are always let through
   */
  public record RetryBudget(double percent, int minConcurrency) {}

  /**
   * {@code outlier_detection}; a count of 0 switches that detector off.
   *
   * @param enforcing how often a host that was found by a count is ejected
   */
  public record OutlierDetection(
      int consecutive5xx,
      int consecutiveGatewayErrors,
      Duration interval,
      Duration baseEjectionTime,
      int maxEjectionPercent,
      Duration maxEjectionTime,
      LocalOrigin localOrigin,
      SuccessRate successRate,
      FailurePercentage failurePercentage,
      Enforcing enforcing) {
    public OutlierDetection(
        int consecutive5xx,
        int consecutiveGatewayErrors,
        Duration interval,
        Duration baseEjectionTime,
        int maxEjectionPercent,
        Duration maxEjectionTime,
        LocalOrigin localOrigin,
        SuccessRate successRate,
        FailurePercentage failurePercentage) {
      this(
          consecutive5xx,
          consecutiveGatewayErrors,
          interval,
          baseEjectionTime,
          maxEjectionPercent,
          maxEjectionTime,
          localOrigin,
          successRate,
          failurePercentage,
          Enforcing.ALWAYS);
    }

    /** The same, enforced as {@code other} says. */
    public OutlierDetection enforced(Enforcing other) {
      return new OutlierDetection(
          consecutive5xx,
          consecutiveGatewayErrors,
          interval,
          baseEjectionTime,
          maxEjectionPercent,
          maxEjectionTime,
          localOrigin,
          successRate,
          failurePercentage,
          other);
    }

    /** Envoy's, where none is set and the base is not longer. */
    public static final Duration DEFAULT_MAX_EJECTION_TIME = Duration.ofSeconds(300);

    /** By counts in a row only. */
    public OutlierDetection(
        int consecutive5xx,
        int consecutiveGatewayErrors,
        Duration interval,
        Duration baseEjectionTime,
        int maxEjectionPercent) {
      this(
          consecutive5xx,
          consecutiveGatewayErrors,
          interval,
          baseEjectionTime,
          maxEjectionPercent,
          baseEjectionTime.compareTo(DEFAULT_MAX_EJECTION_TIME) > 0
              ? baseEjectionTime
              : DEFAULT_MAX_EJECTION_TIME,
          LocalOrigin.DEFAULT,
          SuccessRate.OFF,
          FailurePercentage.OFF);
    }
  }

  /** {@code enforcing_consecutive_*}: chances in percent, 1 to 100; a detector off has 100. */
  public record Enforcing(int consecutive5xx, int gatewayErrors, int localOrigin) {
    public static final Enforcing ALWAYS = new Enforcing(100, 100, 100);
  }

  /**
   * Failures to get any answer.
   *
   * @param split they count for themselves; else as gateway errors
   * @param consecutive failures in a row that eject where they are split; 0 is off
   */
  public record LocalOrigin(boolean split, int consecutive) {
    public static final LocalOrigin DEFAULT = new LocalOrigin(false, 5);
  }

  /**
   * Ejects hosts whose share of successes over an interval lies {@code stdevThousandths} / 1000
   * standard deviations or more below the mean.
   *
   * @param enforcingPercent chance that one found is ejected, 0 to 100; 0 is off
   * @param minHosts with enough requests, to compare at all
   * @param requestVolume requests in the interval, to be compared
   */
  public record SuccessRate(
      int enforcingPercent, int minHosts, int requestVolume, int stdevThousandths) {
    public static final SuccessRate OFF = new SuccessRate(0, 5, 100, 1900);
  }

  /**
   * Ejects hosts of whose requests over an interval {@code threshold} percent or more failed.
   *
   * @param enforcingPercent chance that one found is ejected, 0 to 100; 0 is off
   */
  public record FailurePercentage(
      int enforcingPercent, int threshold, int minHosts, int requestVolume) {
    public static final FailurePercentage OFF = new FailurePercentage(0, 85, 5, 50);
  }

  /**
   * The service behind a cluster; in xDS {@code metadata.filter_metadata["istio"].services[0]}.
   *
   * @param host fully qualified, empty where unknown
   * @param subset name of the DestinationRule's subset, may be empty
   */
  public record ServiceRef(String host, String namespace, String name, String subset) {
    public static final ServiceRef UNKNOWN = new ServiceRef("", "", "", "");
  }
}
