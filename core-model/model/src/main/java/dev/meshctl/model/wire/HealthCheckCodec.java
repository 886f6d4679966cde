package dev.meshctl.model.wire;

import com.google.protobuf.UInt32Value;
import dev.meshctl.model.xds.HealthCheck;
import dev.meshctl.model.xds.HealthCheck.Check;
import dev.meshctl.model.xds.HealthCheck.Statuses;
import io.envoyproxy.envoy.config.core.v3.HealthCheck.GrpcHealthCheck;
import io.envoyproxy.envoy.config.core.v3.HealthCheck.HttpHealthCheck;
import io.envoyproxy.envoy.config.core.v3.HealthCheck.TcpHealthCheck;
import io.envoyproxy.envoy.type.v3.CodecClientType;
import io.envoyproxy.envoy.type.v3.Int64Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@link HealthCheck} to and from {@code core.v3.HealthCheck}. */
final class HealthCheckCodec {
  private static final KnownFields CHECK =
      KnownFields.of(
              io.envoyproxy.envoy.config.core.v3.HealthCheck.getDescriptor(),
              "timeout",
              "interval",
              "interval_jitter",
              "unhealthy_threshold",
              "healthy_threshold",
              "http_health_check",
              "tcp_health_check",
              "grpc_health_check")
          .leavingAside(
              "reuse_connection",
              "initial_jitter",
              "no_traffic_interval",
              "no_traffic_healthy_interval",
              "unhealthy_interval",
              "unhealthy_edge_interval",
              "healthy_edge_interval",
              "interval_jitter_percent",
              "event_log_path",
              "event_logger",
              "always_log_health_check_failures",
              "always_log_health_check_success");
  private static final KnownFields HTTP =
      KnownFields.of(
          HttpHealthCheck.getDescriptor(),
          "host",
          "path",
          "expected_statuses",
          "codec_client_type");
  private static final KnownFields TCP = KnownFields.of(TcpHealthCheck.getDescriptor());
  private static final KnownFields GRPC =
      KnownFields.of(GrpcHealthCheck.getDescriptor(), "service_name", "authority");

  private HealthCheckCodec() {}

  static io.envoyproxy.envoy.config.core.v3.HealthCheck encode(HealthCheck check) {
    var message =
        io.envoyproxy.envoy.config.core.v3.HealthCheck.newBuilder()
            .setTimeout(Packing.duration(check.timeout()))
            .setInterval(Packing.duration(check.interval()))
            .setUnhealthyThreshold(Packing.unsigned(check.unhealthyThreshold()))
            .setHealthyThreshold(Packing.unsigned(check.healthyThreshold()));
    if (check.jitter().isPositive()) {
      message.setIntervalJitter(Packing.duration(check.jitter()));
    }
    switch (check.check()) {
      case Check.Http(var host, var path, var expected, var http2) -> {
        HttpHealthCheck.Builder http =
            message
                .getHttpHealthCheckBuilder()
                .setHost(host)
                .setPath(path)
                .setCodecClientType(http2 ? CodecClientType.HTTP2 : CodecClientType.HTTP1);
        expected.forEach(range ->
            http.addExpectedStatuses(
                Int64Range.newBuilder().setStart(range.first()).setEnd(range.end())));
      }
      case Check.Tcp() -> message.getTcpHealthCheckBuilder();
      case Check.Grpc(var service, var authority) ->
          message.getGrpcHealthCheckBuilder().setServiceName(service).setAuthority(authority);
    }
    return message.build();
  }

  static Optional<HealthCheck> decode(
      Reading reading, List<io.envoyproxy.envoy.config.core.v3.HealthCheck> messages) {
    if (messages.size() > 1) {
      reading.refuse("health_checks[1]", "not supported (expected: at most one health check)");
    }
    return messages.isEmpty()
        ? Optional.empty()
        : Optional.of(decode(reading, "health_checks[0]", messages.getFirst()));
  }

  private static HealthCheck decode(
      Reading reading, String path, io.envoyproxy.envoy.config.core.v3.HealthCheck message) {
    reading.expect(path, message, CHECK);
    var timeout = reading.duration(path + ".timeout", message.getTimeout());
    var interval = reading.duration(path + ".interval", message.getInterval());
    if (!timeout.isPositive() || !interval.isPositive()) {
      reading.refuse(path, "timeout or interval not set (expected: above 0)");
    }
    return new HealthCheck(
        timeout,
        interval,
        reading.duration(path + ".interval_jitter", message.getIntervalJitter()),
        atLeastOne(message.getUnhealthyThreshold()),
        atLeastOne(message.getHealthyThreshold()),
        check(reading, path, message));
  }

  private static int atLeastOne(UInt32Value value) {
    return Math.max(1, Reading.unsigned(value));
  }

  private static Check check(
      Reading reading, String path, io.envoyproxy.envoy.config.core.v3.HealthCheck message) {
    return switch (message.getHealthCheckerCase()) {
      case HTTP_HEALTH_CHECK ->
          http(reading, path + ".http_health_check", message.getHttpHealthCheck());
      case TCP_HEALTH_CHECK -> {
        reading.expect(path + ".tcp_health_check", message.getTcpHealthCheck(), TCP);
        yield new Check.Tcp();
      }
      case GRPC_HEALTH_CHECK -> {
        GrpcHealthCheck grpc = message.getGrpcHealthCheck();
        reading.expect(path + ".grpc_health_check", grpc, GRPC);
        yield new Check.Grpc(grpc.getServiceName(), grpc.getAuthority());
      }
      case CUSTOM_HEALTH_CHECK, HEALTHCHECKER_NOT_SET -> {
        reading.refuse(path, "no check (expected: HTTP, TCP or gRPC)");
        yield new Check.Tcp();
      }
    };
  }

  private static Check http(Reading reading, String path, HttpHealthCheck message) {
    reading.expect(path, message, HTTP);
    List<Statuses> expected = new ArrayList<>();
    for (Int64Range range : message.getExpectedStatusesList()) {
      if (range.getStart() < 100 || range.getEnd() > 600 || range.getStart() >= range.getEnd()) {
        reading.refuse(
            path + ".expected_statuses",
            range.getStart() + " to " + range.getEnd() + " (expected: within 100 to 600)");
      } else {
        expected.add(new Statuses((int) range.getStart(), (int) range.getEnd()));
      }
    }
    if (message.getCodecClientType() == CodecClientType.HTTP3) {
      reading.refuse(path + ".codec_client_type", "HTTP3 (expected: HTTP1 or HTTP2)");
    }
    return new Check.Http(
        message.getHost(),
        message.getPath(),
        expected,
        message.getCodecClientType() == CodecClientType.HTTP2);
  }
}
