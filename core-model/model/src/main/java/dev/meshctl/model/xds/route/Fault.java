package dev.meshctl.model.xds.route;

import java.time.Duration;
import java.util.Optional;

/**
 * Percentages are 0 to 100. {@code abortHttpStatus} 0 and {@code abortGrpcStatus} -1 are off.
 *
 * @param delayByHeader {@code header_delay}: requests name their own by {@code
 *     x-envoy-fault-delay-request}, in milliseconds
 * @param abortByHeader {@code header_abort}: likewise by {@code x-envoy-fault-abort-request} or
 *     {@code x-envoy-fault-abort-grpc-request}
 * @param mostActive requests held at a time; empty for no limit
 */
public record Fault(
    double delayPercentage,
    Duration delay,
    double abortPercentage,
    int abortHttpStatus,
    int abortGrpcStatus,
    boolean delayByHeader,
    boolean abortByHeader,
    Optional<Integer> mostActive) {
  public Fault(
      double delayPercentage,
      Duration delay,
      double abortPercentage,
      int abortHttpStatus,
      int abortGrpcStatus) {
    this(
        delayPercentage,
        delay,
        abortPercentage,
        abortHttpStatus,
        abortGrpcStatus,
        false,
        false,
        Optional.empty());
  }
}
