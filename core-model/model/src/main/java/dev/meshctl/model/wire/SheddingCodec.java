package dev.meshctl.model.wire;

import dev.meshctl.model.xds.AdaptiveConcurrency;
import dev.meshctl.model.xds.AdaptiveConcurrency.MinRtt;
import dev.meshctl.model.xds.AdmissionControl;
import dev.meshctl.model.xds.AdmissionControl.StatusRange;
import io.envoyproxy.envoy.config.core.v3.RuntimeDouble;
import io.envoyproxy.envoy.config.core.v3.RuntimeFeatureFlag;
import io.envoyproxy.envoy.config.core.v3.RuntimePercent;
import io.envoyproxy.envoy.config.core.v3.RuntimeUInt32;
import io.envoyproxy.envoy.extensions.filters.http.adaptive_concurrency.v3.GradientControllerConfig;
import io.envoyproxy.envoy.extensions.filters.http.adaptive_concurrency.v3.GradientControllerConfig.ConcurrencyLimitCalculationParams;
import io.envoyproxy.envoy.extensions.filters.http.adaptive_concurrency.v3.GradientControllerConfig.MinimumRTTCalculationParams;
import io.envoyproxy.envoy.extensions.filters.http.admission_control.v3.AdmissionControl.SuccessCriteria;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.envoyproxy.envoy.type.v3.Int32Range;
import io.envoyproxy.envoy.type.v3.Percent;
import io.envoyproxy.envoy.type.v3.StatusCode;
import java.time.Duration;
import java.util.List;

/** The filters that shed load to and from their messages; there is no runtime to override them. */
final class SheddingCodec {
  private static final KnownFields ADAPTIVE =
      KnownFields.of(
          io.envoyproxy.envoy.extensions.filters.http.adaptive_concurrency.v3.AdaptiveConcurrency
              .getDescriptor(),
          "gradient_controller_config",
          "enabled",
          "concurrency_limit_exceeded_status");
  private static final KnownFields GRADIENT =
      KnownFields.of(
          GradientControllerConfig.getDescriptor(),
          "sample_aggregate_percentile",
          "concurrency_limit_params",
          "min_rtt_calc_params");
  private static final KnownFields LIMIT =
      KnownFields.of(
          ConcurrencyLimitCalculationParams.getDescriptor(),
          "max_concurrency_limit",
          "concurrency_update_interval");
  private static final KnownFields MIN_RTT =
      KnownFields.of(
          MinimumRTTCalculationParams.getDescriptor(),
          "interval",
          "fixed_value",
          "request_count",
          "jitter",
          "min_concurrency",
          "buffer");
  private static final KnownFields ADMISSION =
      KnownFields.of(
          io.envoyproxy.envoy.extensions.filters.http.admission_control.v3.AdmissionControl
              .getDescriptor(),
          "enabled",
          "success_criteria",
          "sampling_window",
          "aggression",
          "sr_threshold",
          "rps_threshold",
          "max_rejection_probability");

  /** Where none is set (proto comments). */
  private static final int DEFAULT_STATUS = 503;

  private static final double DEFAULT_PERCENTILE = 50;
  private static final int DEFAULT_MAX_LIMIT = 1000;
  private static final int DEFAULT_REQUESTS = 50;
  private static final double DEFAULT_JITTER = 15;
  private static final int DEFAULT_MIN_CONCURRENCY = 3;
  private static final double DEFAULT_BUFFER = 25;
  private static final Duration DEFAULT_WINDOW = Duration.ofSeconds(30);
  private static final double DEFAULT_THRESHOLD = 95;
  private static final double DEFAULT_MAX_REJECTION = 80;

  private SheddingCodec() {}

  static io.envoyproxy.envoy.extensions.filters.http.adaptive_concurrency.v3.AdaptiveConcurrency
      encode(AdaptiveConcurrency filter) {
    MinRtt rtt = filter.minRtt();
    MinimumRTTCalculationParams.Builder min =
        MinimumRTTCalculationParams.newBuilder()
            .setRequestCount(Packing.unsigned(rtt.requests()))
            .setJitter(percent(rtt.jitterPercent()))
            .setMinConcurrency(Packing.unsigned(rtt.minConcurrency()))
            .setBuffer(percent(rtt.bufferPercent()));
    if (rtt.interval().isPositive()) {
      min.setInterval(Packing.duration(rtt.interval()));
    }
    if (rtt.fixed().isPositive()) {
      min.setFixedValue(Packing.duration(rtt.fixed()));
    }
    return io.envoyproxy.envoy.extensions.filters.http.adaptive_concurrency.v3.AdaptiveConcurrency
        .newBuilder()
        .setEnabled(flag(filter.enabled()))
        .setConcurrencyLimitExceededStatus(
            HttpStatus.newBuilder().setCodeValue(filter.exceededStatus()))
        .setGradientControllerConfig(
            GradientControllerConfig.newBuilder()
                .setSampleAggregatePercentile(percent(filter.percentile()))
                .setConcurrencyLimitParams(
                    ConcurrencyLimitCalculationParams.newBuilder()
                        .setMaxConcurrencyLimit(Packing.unsigned(filter.maxLimit()))
                        .setConcurrencyUpdateInterval(Packing.duration(filter.updateInterval())))
                .setMinRttCalcParams(min))
        .build();
  }

  static io.envoyproxy.envoy.extensions.filters.http.admission_control.v3.AdmissionControl encode(
      AdmissionControl filter) {
    SuccessCriteria.Builder success = SuccessCriteria.newBuilder();
    for (StatusRange range : filter.httpSuccess()) {
      success
          .getHttpCriteriaBuilder()
          .addHttpSuccessStatus(
              Int32Range.newBuilder().setStart(range.first()).setEnd(range.end()));
    }
    if (!filter.grpcSuccess().isEmpty()) {
      success.getGrpcCriteriaBuilder().addAllGrpcSuccessStatus(filter.grpcSuccess());
    }
    return io.envoyproxy.envoy.extensions.filters.http.admission_control.v3.AdmissionControl
        .newBuilder()
        .setEnabled(flag(filter.enabled()))
        .setSuccessCriteria(success)
        .setSamplingWindow(Packing.duration(filter.window()))
        .setAggression(RuntimeDouble.newBuilder().setDefaultValue(filter.aggression()))
        .setSrThreshold(
            RuntimePercent.newBuilder().setDefaultValue(percent(filter.thresholdPercent())))
        .setRpsThreshold(RuntimeUInt32.newBuilder().setDefaultValue(filter.minRequestsPerSecond()))
        .setMaxRejectionProbability(
            RuntimePercent.newBuilder().setDefaultValue(percent(filter.maxRejectionPercent())))
        .build();
  }

  private static Percent percent(double value) {
    return Percent.newBuilder().setValue(value).build();
  }

  private static RuntimeFeatureFlag flag(boolean on) {
    return RuntimeFeatureFlag.newBuilder()
        .setDefaultValue(on ? Packing.TRUE : Packing.FALSE)
        .build();
  }

  static AdaptiveConcurrency decode(
      Reading reading,
      String path,
      io.envoyproxy.envoy.extensions.filters.http.adaptive_concurrency.v3.AdaptiveConcurrency
          message) {
    reading.expect(path, message, ADAPTIVE);
    GradientControllerConfig gradient = message.getGradientControllerConfig();
    String at = path + ".gradient_controller_config";
    reading.expect(at, gradient, GRADIENT);
    ConcurrencyLimitCalculationParams limit = gradient.getConcurrencyLimitParams();
    String limitAt = at + ".concurrency_limit_params";
    reading.expect(limitAt, limit, LIMIT);
    int status = message.getConcurrencyLimitExceededStatus().getCodeValue();
    return new AdaptiveConcurrency(
        on(message.hasEnabled(), message.getEnabled()),
        status >= StatusCode.BadRequest_VALUE && status < 600 ? status : DEFAULT_STATUS,
        gradient.hasSampleAggregatePercentile()
            ? share(
                reading,
                at + ".sample_aggregate_percentile",
                gradient.getSampleAggregatePercentile())
            : DEFAULT_PERCENTILE,
        limit.hasMaxConcurrencyLimit()
            ? reading.between(
                limitAt + ".max_concurrency_limit",
                limit.getMaxConcurrencyLimit(),
                1,
                Integer.MAX_VALUE)
            : DEFAULT_MAX_LIMIT,
        positive(
            reading,
            limitAt + ".concurrency_update_interval",
            limit.getConcurrencyUpdateInterval()),
        minRtt(reading, at + ".min_rtt_calc_params", gradient.getMinRttCalcParams()));
  }

  private static MinRtt minRtt(Reading reading, String path, MinimumRTTCalculationParams message) {
    reading.expect(path, message, MIN_RTT);
    if (!message.hasFixedValue()) {
      Duration unused = positive(reading, path + ".interval", message.getInterval());
    }
    return new MinRtt(
        reading.duration(path + ".interval", message.getInterval()),
        reading.duration(path + ".fixed_value", message.getFixedValue()),
        message.hasRequestCount()
            ? reading.between(
                path + ".request_count", message.getRequestCount(), 1, Integer.MAX_VALUE)
            : DEFAULT_REQUESTS,
        message.hasJitter()
            ? share(reading, path + ".jitter", message.getJitter())
            : DEFAULT_JITTER,
        message.hasMinConcurrency()
            ? reading.between(
                path + ".min_concurrency", message.getMinConcurrency(), 1, Integer.MAX_VALUE)
            : DEFAULT_MIN_CONCURRENCY,
        message.hasBuffer()
            ? share(reading, path + ".buffer", message.getBuffer())
            : DEFAULT_BUFFER);
  }

  static AdmissionControl decode(
      Reading reading,
      String path,
      io.envoyproxy.envoy.extensions.filters.http.admission_control.v3.AdmissionControl message) {
    reading.expect(path, message, ADMISSION);
    if (!message.hasSuccessCriteria()) {
      reading.refuse(path, "no success_criteria (expected: one, which may be empty)");
    }
    SuccessCriteria success = message.getSuccessCriteria();
    List<StatusRange> http =
        success.getHttpCriteria().getHttpSuccessStatusList().stream()
            .map(range -> new StatusRange(range.getStart(), range.getEnd()))
            .toList();
    Duration window =
        message.hasSamplingWindow()
            ? reading.duration(path + ".sampling_window", message.getSamplingWindow())
            : DEFAULT_WINDOW;
    double threshold =
        message.hasSrThreshold()
            ? share(reading, path + ".sr_threshold", message.getSrThreshold().getDefaultValue())
            : DEFAULT_THRESHOLD;
    if (threshold < 1) {
      reading.refuse(path + ".sr_threshold", threshold + " (expected: 1 to 100)");
    }
    return new AdmissionControl(
        on(message.hasEnabled(), message.getEnabled()),
        http,
        List.copyOf(success.getGrpcCriteria().getGrpcSuccessStatusList()),
        window.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : window,
        message.hasAggression() ? Math.max(1, message.getAggression().getDefaultValue()) : 1,
        threshold,
        Reading.unsigned(message.getRpsThreshold().getDefaultValue()),
        message.hasMaxRejectionProbability()
            ? share(
                reading,
                path + ".max_rejection_probability",
                message.getMaxRejectionProbability().getDefaultValue())
            : DEFAULT_MAX_REJECTION);
  }

  private static boolean on(boolean set, RuntimeFeatureFlag flag) {
    return !set || flag.getDefaultValue().getValue();
  }

  private static Duration positive(
      Reading reading, String path, com.google.protobuf.Duration message) {
    Duration read = reading.duration(path, message);
    if (!read.isPositive()) {
      reading.refuse(path, read + " (expected: longer than 0)");
      return Duration.ofSeconds(1);
    }
    return read;
  }

  private static double share(Reading reading, String path, Percent percent) {
    double value = percent.getValue();
    if (!(value >= 0 && value <= 100)) {
      reading.refuse(path, value + " (expected: 0 to 100)");
      return 0;
    }
    return value;
  }
}
