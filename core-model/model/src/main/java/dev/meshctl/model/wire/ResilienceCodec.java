package dev.meshctl.model.wire;

import com.google.protobuf.UInt32Value;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.OutlierDetection;
import dev.meshctl.model.xds.ClusterConfig.RetryBudget;
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
              io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.getDescriptor(), "thresholds")
          .leavingAside("per_host_thresholds");
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
              "max_ejection_percent")
          .leavingAside(
              "success_rate_minimum_hosts",
              "success_rate_request_volume",
              "success_rate_stdev_factor",
              "split_external_local_origin_errors",
              "consecutive_local_origin_failure",
              "enforcing_consecutive_local_origin_failure",
              "enforcing_local_origin_success_rate",
              "failure_percentage_threshold",
              "enforcing_failure_percentage",
              "enforcing_failure_percentage_local_origin",
              "failure_percentage_minimum_hosts",
              "failure_percentage_request_volume",
              "max_ejection_time",
              "max_ejection_time_jitter",
              "successful_active_health_check_uneject_host",
              "monitors",
              "always_eject_one_host");

  private ResilienceCodec() {}

  static void encode(CircuitBreakers breakers, Cluster.Builder message) {
    Thresholds.Builder thresholds = message.getCircuitBreakersBuilder().addThresholdsBuilder();
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
            // On by default in Envoy, and nobody asked for it.
            .setEnforcingSuccessRate(Packing.unsigned(0));
    if (detection.consecutive5xx() > 0) {
      outliers
          .setConsecutive5Xx(Packing.unsigned(detection.consecutive5xx()))
          .setEnforcingConsecutive5Xx(Packing.unsigned(ALWAYS));
    } else {
      outliers.setEnforcingConsecutive5Xx(Packing.unsigned(0));
    }
    if (detection.consecutiveGatewayErrors() > 0) {
      outliers
          .setConsecutiveGatewayFailure(Packing.unsigned(detection.consecutiveGatewayErrors()))
          .setEnforcingConsecutiveGatewayFailure(Packing.unsigned(ALWAYS));
    }
  }

  static CircuitBreakers breakers(
      Reading reading, io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers message) {
    reading.expect("circuit_breakers", message, BREAKERS);
    Thresholds found = Thresholds.getDefaultInstance();
    for (int i = 0; i < message.getThresholdsCount(); i++) {
      Thresholds thresholds = message.getThresholds(i);
      String path = "circuit_breakers.thresholds[" + i + "]";
      reading.expect(path, thresholds, THRESHOLDS);
      if (thresholds.getPriority() == RoutingPriority.DEFAULT) {
        found = thresholds;
      } else {
        reading.ignore(path);
      }
    }
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
    boolean successRate =
        or(message.hasEnforcingSuccessRate(), message.getEnforcingSuccessRate(), ALWAYS) > 0;
    if (successRate && message.hasEnforcingSuccessRate()) {
      reading.ignore(path + ".enforcing_success_rate");
    }
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
            DEFAULT_EJECTION_PERCENT));
  }

  private static int or(boolean present, UInt32Value value, int otherwise) {
    return present ? Reading.unsigned(value) : otherwise;
  }
}
