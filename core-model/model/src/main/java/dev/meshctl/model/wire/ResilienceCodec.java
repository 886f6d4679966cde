package dev.meshctl.model.wire;

import com.google.protobuf.UInt32Value;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.Enforcing;
import dev.meshctl.model.xds.ClusterConfig.FailurePercentage;
import dev.meshctl.model.xds.ClusterConfig.HighPriority;
import dev.meshctl.model.xds.ClusterConfig.LocalOrigin;
import dev.meshctl.model.xds.ClusterConfig.OutlierDetection;
import dev.meshctl.model.xds.ClusterConfig.RetryBudget;
import dev.meshctl.model.xds.ClusterConfig.SuccessRate;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.envoyproxy.envoy.type.v3.Percent;
import java.time.Duration;
import java.util.Optional;

/** Circuit breakers and outlier detection of a cluster. */
final class ResilienceCodec {
  /** Envoy's, where a threshold is not set. */
  private static final int DEFAULT_LIMIT = 1024;

  private static final int DEFAULT_RETRIES = 3;
  private static final double DEFAULT_BUDGET_PERCENT = 20;
  private static final int DEFAULT_MIN_RETRIES = 3;
  private static final int DEFAULT_CONSECUTIVE = 5;
  private static final int DEFAULT_EJECTION_PERCENT = 10;
  private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);
  private static final Duration DEFAULT_EJECTION = Duration.ofSeconds(30);
  private static final int ALWAYS = 100;

  private static final KnownFields BREAKERS =
      KnownFields.of(
          io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.getDescriptor(),
          "thresholds",
          "per_host_thresholds");

  /** Envoy takes nothing else of a host. */
  private static final KnownFields HOST_THRESHOLDS =
      KnownFields.of(Thresholds.getDescriptor(), "priority", "max_connections");

  private static final KnownFields THRESHOLDS =
      KnownFields.of(
              Thresholds.getDescriptor(),
              "priority",
              "max_connections",
              "max_pending_requests",
              "max_requests",
              "max_retries",
              "retry_budget")
          .leavingAside("track_remaining", "max_connection_pools");
  private static final KnownFields BUDGET =
      KnownFields.of(
          Thresholds.RetryBudget.getDescriptor(), "budget_percent", "min_retry_concurrency");
  private static final KnownFields OUTLIERS =
      KnownFields.of(
              io.envoyproxy.envoy.config.cluster.v3.OutlierDetection.getDescriptor(),
              "consecutive_5xx",
              "enforcing_consecutive_5xx",
              "consecutive_gateway_failure",
              "enforcing_consecutive_gateway_failure",
              "enforcing_success_rate",
              "interval",
              "base_ejection_time",
              "max_ejection_percent",
              "max_ejection_time",
              "split_external_local_origin_errors",
              "consecutive_local_origin_failure",
              "enforcing_consecutive_local_origin_failure",
              "success_rate_minimum_hosts",
              "success_rate_request_volume",
              "success_rate_stdev_factor",
              "failure_percentage_threshold",
              "enforcing_failure_percentage",
              "failure_percentage_minimum_hosts",
              "failure_percentage_request_volume")
          .leavingAside(
              "enforcing_local_origin_success_rate",
              "enforcing_failure_percentage_local_origin",
              "max_ejection_time_jitter",
              "successful_active_health_check_uneject_host",
              "always_eject_one_host");

  private ResilienceCodec() {}

  static void encode(CircuitBreakers breakers, Cluster.Builder message) {
    encode(breakers, message.getCircuitBreakersBuilder().addThresholdsBuilder());
    if (breakers.maxHostConnections() > 0) {
      message
          .getCircuitBreakersBuilder()
          .addPerHostThresholdsBuilder()
          .setMaxConnections(Packing.unsigned(breakers.maxHostConnections()));
    }
    if (breakers.high().isPresent()) {
      encode(
          breakers.ofHigh(),
          message
              .getCircuitBreakersBuilder()
              .addThresholdsBuilder()
              .setPriority(RoutingPriority.HIGH));
    }
  }

  private static void encode(CircuitBreakers breakers, Thresholds.Builder thresholds) {
    breakers
        .retryBudget()
        .ifPresent(budget ->
            thresholds
                .getRetryBudgetBuilder()
                .setBudgetPercent(Percent.newBuilder().setValue(budget.percent()))
                .setMinRetryConcurrency(Packing.unsigned(budget.minConcurrency())));
    thresholds
        .setMaxConnections(Packing.unsigned(breakers.maxConnections()))
        .setMaxPendingRequests(Packing.unsigned(breakers.maxPendingRequests()))
        .setMaxRequests(Packing.unsigned(breakers.maxRequests()))
        .setMaxRetries(Packing.unsigned(breakers.maxRetries()));
  }

  static void encode(OutlierDetection detection, Cluster.Builder message) {
    var outliers =
        message
            .getOutlierDetectionBuilder()
            .setInterval(Packing.duration(detection.interval()))
            .setBaseEjectionTime(Packing.duration(detection.baseEjectionTime()))
            .setMaxEjectionPercent(Packing.unsigned(detection.maxEjectionPercent()))
            .setMaxEjectionTime(Packing.duration(detection.maxEjectionTime()))
            .setSplitExternalLocalOriginErrors(detection.localOrigin().split())
            .setEnforcingConsecutiveLocalOriginFailure(
                Packing.unsigned(
                    detection.localOrigin().consecutive() > 0
                        ? detection.enforcing().localOrigin()
                        : 0));
    if (detection.localOrigin().consecutive() > 0) {
      outliers.setConsecutiveLocalOriginFailure(
          Packing.unsigned(detection.localOrigin().consecutive()));
    }
    SuccessRate rate = detection.successRate();
    // On by default in Envoy, so that it must be said either way.
    outliers
        .setEnforcingSuccessRate(Packing.unsigned(rate.enforcingPercent()))
        .setSuccessRateMinimumHosts(Packing.unsigned(rate.minHosts()))
        .setSuccessRateRequestVolume(Packing.unsigned(rate.requestVolume()))
        .setSuccessRateStdevFactor(Packing.unsigned(rate.stdevThousandths()));
    FailurePercentage failures = detection.failurePercentage();
    outliers
        .setEnforcingFailurePercentage(Packing.unsigned(failures.enforcingPercent()))
        .setFailurePercentageThreshold(Packing.unsigned(failures.threshold()))
        .setFailurePercentageMinimumHosts(Packing.unsigned(failures.minHosts()))
        .setFailurePercentageRequestVolume(Packing.unsigned(failures.requestVolume()));
    if (detection.consecutive5xx() > 0) {
      outliers
          .setConsecutive5Xx(Packing.unsigned(detection.consecutive5xx()))
          .setEnforcingConsecutive5Xx(Packing.unsigned(detection.enforcing().consecutive5xx()));
    } else {
      outliers.setEnforcingConsecutive5Xx(Packing.unsigned(0));
    }
    if (detection.consecutiveGatewayErrors() > 0) {
      outliers
          .setConsecutiveGatewayFailure(Packing.unsigned(detection.consecutiveGatewayErrors()))
          .setEnforcingConsecutiveGatewayFailure(
              Packing.unsigned(detection.enforcing().gatewayErrors()));
    }
  }

  static CircuitBreakers breakers(
      Reading reading, io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers message) {
    reading.expect("circuit_breakers", message, BREAKERS);
    Thresholds found = Thresholds.getDefaultInstance();
    Optional<HighPriority> high = Optional.empty();
    for (int i = 0; i < message.getThresholdsCount(); i++) {
      Thresholds thresholds = message.getThresholds(i);
      String path = "circuit_breakers.thresholds[" + i + "]";
      reading.expect(path, thresholds, THRESHOLDS);
      switch (thresholds.getPriority()) {
        case DEFAULT -> found = thresholds;
        case HIGH -> {
          CircuitBreakers limits = limits(reading, thresholds);
          high =
              Optional.of(
                  new HighPriority(
                      limits.maxConnections(),
                      limits.maxPendingRequests(),
                      limits.maxRequests(),
                      limits.maxRetries(),
                      limits.retryBudget()));
        }
        case UNRECOGNIZED -> reading.refuse(path + ".priority", "expected: DEFAULT or HIGH");
      }
    }
    CircuitBreakers limits =
        limits(reading, found).withHostConnections(hostConnections(reading, message));
    return high.map(limits::withHigh).orElse(limits);
  }

  private static int hostConnections(
      Reading reading, io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers message) {
    int most = 0;
    for (int i = 0; i < message.getPerHostThresholdsCount(); i++) {
      Thresholds thresholds = message.getPerHostThresholds(i);
      String path = "circuit_breakers.per_host_thresholds[" + i + "]";
      reading.expect(path, thresholds, HOST_THRESHOLDS);
      if (thresholds.getPriority() != RoutingPriority.DEFAULT) {
        reading.unsupported(path + ".priority", thresholds.getPriority() + " (expected: DEFAULT)");
      } else if (most == 0 && thresholds.hasMaxConnections()) {
        // The first of a priority counts, as in Envoy.
        most =
            reading.between(
                path + ".max_connections", thresholds.getMaxConnections(), 1, Integer.MAX_VALUE);
      }
    }
    return most;
  }

  private static CircuitBreakers limits(Reading reading, Thresholds found) {
    return new CircuitBreakers(
        or(found.hasMaxConnections(), found.getMaxConnections(), DEFAULT_LIMIT),
        or(found.hasMaxPendingRequests(), found.getMaxPendingRequests(), DEFAULT_LIMIT),
        or(found.hasMaxRequests(), found.getMaxRequests(), DEFAULT_LIMIT),
        or(found.hasMaxRetries(), found.getMaxRetries(), DEFAULT_RETRIES),
        found.hasRetryBudget()
            ? Optional.of(budget(reading, found.getRetryBudget()))
            : Optional.empty());
  }

  private static RetryBudget budget(Reading reading, Thresholds.RetryBudget message) {
    String path = "circuit_breakers.thresholds.retry_budget";
    reading.expect(path, message, BUDGET);
    return new RetryBudget(
        message.hasBudgetPercent() ? message.getBudgetPercent().getValue() : DEFAULT_BUDGET_PERCENT,
        or(
            message.hasMinRetryConcurrency(),
            message.getMinRetryConcurrency(),
            DEFAULT_MIN_RETRIES));
  }

  static OutlierDetection outliers(
      Reading reading, io.envoyproxy.envoy.config.cluster.v3.OutlierDetection message) {
    String path = "outlier_detection";
    reading.expect(path, message, OUTLIERS);
    boolean on5xx =
        or(message.hasEnforcingConsecutive5Xx(), message.getEnforcingConsecutive5Xx(), ALWAYS) > 0;
    boolean onGateway = message.getEnforcingConsecutiveGatewayFailure().getValue() != 0;
    return new OutlierDetection(
        on5xx
            ? or(message.hasConsecutive5Xx(), message.getConsecutive5Xx(), DEFAULT_CONSECUTIVE)
            : 0,
        onGateway
            ? or(
                message.hasConsecutiveGatewayFailure(),
                message.getConsecutiveGatewayFailure(),
                DEFAULT_CONSECUTIVE)
            : 0,
        message.hasInterval()
            ? reading.duration(path + ".interval", message.getInterval())
            : DEFAULT_INTERVAL,
        message.hasBaseEjectionTime()
            ? reading.duration(path + ".base_ejection_time", message.getBaseEjectionTime())
            : DEFAULT_EJECTION,
        or(
            message.hasMaxEjectionPercent(),
            message.getMaxEjectionPercent(),
            DEFAULT_EJECTION_PERCENT),
        maxEjectionTime(reading, path, message),
        localOrigin(message),
        new SuccessRate(
            percent(message.hasEnforcingSuccessRate(), message.getEnforcingSuccessRate(), ALWAYS),
            or(
                message.hasSuccessRateMinimumHosts(),
                message.getSuccessRateMinimumHosts(),
                SuccessRate.OFF.minHosts()),
            or(
                message.hasSuccessRateRequestVolume(),
                message.getSuccessRateRequestVolume(),
                SuccessRate.OFF.requestVolume()),
            or(
                message.hasSuccessRateStdevFactor(),
                message.getSuccessRateStdevFactor(),
                SuccessRate.OFF.stdevThousandths())),
        failures(message),
        new Enforcing(
            chance(message.hasEnforcingConsecutive5Xx(), message.getEnforcingConsecutive5Xx()),
            chance(
                message.hasEnforcingConsecutiveGatewayFailure(),
                message.getEnforcingConsecutiveGatewayFailure()),
            chance(
                message.hasEnforcingConsecutiveLocalOriginFailure(),
                message.getEnforcingConsecutiveLocalOriginFailure())));
  }

  /** Of a detector that is off, 100. */
  private static int chance(boolean present, UInt32Value value) {
    int percent = percent(present, value, ALWAYS);
    return percent == 0 ? ALWAYS : percent;
  }

  private static Duration maxEjectionTime(
      Reading reading,
      String path,
      io.envoyproxy.envoy.config.cluster.v3.OutlierDetection message) {
    if (message.hasMaxEjectionTime()) {
      return reading.duration(path + ".max_ejection_time", message.getMaxEjectionTime());
    }
    Duration base =
        message.hasBaseEjectionTime()
            ? reading.duration(path + ".base_ejection_time", message.getBaseEjectionTime())
            : DEFAULT_EJECTION;
    Duration usual = OutlierDetection.DEFAULT_MAX_EJECTION_TIME;
    return base.compareTo(usual) > 0 ? base : usual;
  }

  private static LocalOrigin localOrigin(
      io.envoyproxy.envoy.config.cluster.v3.OutlierDetection message) {
    boolean on =
        or(
                message.hasEnforcingConsecutiveLocalOriginFailure(),
                message.getEnforcingConsecutiveLocalOriginFailure(),
                ALWAYS)
            > 0;
    return new LocalOrigin(
        message.getSplitExternalLocalOriginErrors(),
        on
            ? or(
                message.hasConsecutiveLocalOriginFailure(),
                message.getConsecutiveLocalOriginFailure(),
                DEFAULT_CONSECUTIVE)
            : 0);
  }

  private static FailurePercentage failures(
      io.envoyproxy.envoy.config.cluster.v3.OutlierDetection message) {
    return new FailurePercentage(
        percent(
            message.hasEnforcingFailurePercentage(), message.getEnforcingFailurePercentage(), 0),
        or(
            message.hasFailurePercentageThreshold(),
            message.getFailurePercentageThreshold(),
            FailurePercentage.OFF.threshold()),
        or(
            message.hasFailurePercentageMinimumHosts(),
            message.getFailurePercentageMinimumHosts(),
            FailurePercentage.OFF.minHosts()),
        or(
            message.hasFailurePercentageRequestVolume(),
            message.getFailurePercentageRequestVolume(),
            FailurePercentage.OFF.requestVolume()));
  }

  private static int percent(boolean present, UInt32Value value, int otherwise) {
    return Math.min(ALWAYS, or(present, value, otherwise));
  }

  private static int or(boolean present, UInt32Value value, int otherwise) {
    return present ? Reading.unsigned(value) : otherwise;
  }
}
