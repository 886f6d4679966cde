package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import dev.meshctl.model.xds.route.Fault;
import io.envoyproxy.envoy.extensions.filters.common.fault.v3.FaultDelay;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.FaultAbort;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.envoyproxy.envoy.type.v3.FractionalPercent.DenominatorType;
import java.time.Duration;
import java.util.Optional;

/** {@link Fault} to and from a route's {@code typed_per_filter_config}; also percentages. */
final class FaultCodec {
  static final String FILTER = "envoy.filters.http.fault";

  private static final double MILLIONTHS_A_PERCENT = 10_000;
  private static final KnownFields FAULT =
      KnownFields.of(HTTPFault.getDescriptor(), "delay", "abort", "max_active_faults")
          .leavingAside("disable_downstream_cluster_stats", "filter_metadata");
  private static final KnownFields DELAY =
      KnownFields.of(FaultDelay.getDescriptor(), "fixed_delay", "header_delay", "percentage");
  private static final KnownFields ABORT =
      KnownFields.of(
          FaultAbort.getDescriptor(), "http_status", "grpc_status", "header_abort", "percentage");

  private FaultCodec() {}

  static Any encode(Fault fault) {
    HTTPFault.Builder message = HTTPFault.newBuilder();
    fault.mostActive().ifPresent(most -> message.setMaxActiveFaults(Packing.unsigned(most)));
    if (fault.delayByHeader()) {
      message
          .getDelayBuilder()
          .setHeaderDelay(FaultDelay.HeaderDelay.getDefaultInstance())
          .setPercentage(percent(fault.delayPercentage()));
    } else if (fault.delay().isPositive()) {
      message
          .getDelayBuilder()
          .setFixedDelay(Packing.duration(fault.delay()))
          .setPercentage(percent(fault.delayPercentage()));
    }
    if (fault.abortByHeader()) {
      message
          .getAbortBuilder()
          .setHeaderAbort(FaultAbort.HeaderAbort.getDefaultInstance())
          .setPercentage(percent(fault.abortPercentage()));
    } else if (fault.abortHttpStatus() > 0) {
      message
          .getAbortBuilder()
          .setHttpStatus(fault.abortHttpStatus())
          .setPercentage(percent(fault.abortPercentage()));
    } else if (fault.abortGrpcStatus() >= 0) {
      message
          .getAbortBuilder()
          .setGrpcStatus(fault.abortGrpcStatus())
          .setPercentage(percent(fault.abortPercentage()));
    }
    return Packing.pack(message.build());
  }

  static Optional<Fault> decode(Reading reading, String path, Any any) {
    return reading
        .unpack(path, any, HTTPFault.getDescriptor(), HTTPFault.parser())
        .map(fault -> decode(reading, path, fault));
  }

  private static Fault decode(Reading reading, String path, HTTPFault message) {
    reading.expect(path, message, FAULT);
    FaultDelay delay = message.getDelay();
    FaultAbort abort = message.getAbort();
    reading.expect(path + ".delay", delay, DELAY);
    reading.expect(path + ".abort", abort, ABORT);
    return new Fault(
        percent(delay.getPercentage()),
        delay.hasFixedDelay()
            ? reading.duration(path + ".delay.fixed_delay", delay.getFixedDelay())
            : Duration.ZERO,
        percent(abort.getPercentage()),
        abort.getHttpStatus(),
        abort.hasGrpcStatus() ? abort.getGrpcStatus() : -1,
        delay.hasHeaderDelay(),
        abort.hasHeaderAbort(),
        message.hasMaxActiveFaults()
            ? Optional.of(Reading.unsigned(message.getMaxActiveFaults()))
            : Optional.empty());
  }

  /** 0 to 100, to the ten-thousandth of a percent. */
  static FractionalPercent percent(double percentage) {
    return FractionalPercent.newBuilder()
        .setNumerator((int) Math.round(percentage * MILLIONTHS_A_PERCENT))
        .setDenominator(DenominatorType.MILLION)
        .build();
  }

  static double percent(FractionalPercent message) {
    double scale =
        switch (message.getDenominator()) {
          case HUNDRED, UNRECOGNIZED -> 10_000;
          case TEN_THOUSAND -> 100;
          case MILLION -> 1;
        };
    return Math.min(100, Reading.unsigned(message.getNumerator()) * scale / MILLIONTHS_A_PERCENT);
  }
}
