package dev.meshctl.model.wire;

import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.telemetry.EdgeSample.ResponseCount;
import dev.meshctl.model.telemetry.LatencyHistogram;
import dev.meshctl.model.telemetry.TelemetryReport;
import dev.meshctl.model.wire.telemetry.Protocol;
import dev.meshctl.model.wire.telemetry.Report;
import dev.meshctl.model.wire.telemetry.Workload;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import java.time.Duration;
import java.util.List;

/**
 * {@link TelemetryReport} to and from its message.
 *
 * <p>Threads: pure functions.
 */
public final class TelemetryCodec {
  private TelemetryCodec() {}

  public static Report encode(TelemetryReport report) {
    Report.Builder message =
        Report.newBuilder()
            .setProxyId(report.proxyId())
            .setWindowStartEpochMillis(report.windowStartEpochMillis())
            .setWindowMillis(report.window().toMillis());
    report.edges().forEach(edge -> message.addEdges(encode(edge)));
    return message.build();
  }

  private static dev.meshctl.model.wire.telemetry.EdgeSample encode(EdgeSample edge) {
    EdgeKey key = edge.key();
    var message =
        dev.meshctl.model.wire.telemetry.EdgeSample.newBuilder()
            .setSource(encode(key.source()))
            .setDestinationService(key.destinationService())
            .setDestination(encode(key.destination()))
            .setProtocol(encode(key.protocol()))
            .setMtls(key.mtls())
            .setRoute(key.route())
            .setRequestBytes(edge.requestBytes())
            .setResponseBytes(edge.responseBytes())
            .setLatencySumMicros(edge.latency().sumMicros());
    for (ResponseCount count : edge.responses()) {
      message
          .addResponsesBuilder()
          .setCode(count.code())
          .setGrpcStatus(count.grpcStatus())
          .setFlags(count.flags())
          .setCount(count.count());
    }
    for (int bucket : edge.latency().buckets()) {
      message.addLatencyBuckets(bucket);
    }
    for (long count : edge.latency().counts()) {
      message.addLatencyCounts(count);
    }
    return message.build();
  }

  private static Workload encode(WorkloadRef workload) {
    return Workload.newBuilder()
        .setName(workload.name())
        .setNamespace(workload.namespace())
        .setApp(workload.app())
        .setVersion(workload.version())
        .build();
  }

  private static Protocol encode(EdgeKey.Protocol protocol) {
    return switch (protocol) {
      case HTTP1 -> Protocol.HTTP1;
      case HTTP2 -> Protocol.HTTP2;
      case GRPC -> Protocol.GRPC;
      case TCP -> Protocol.TCP;
    };
  }

  /**
   * The record of {@code report}.
   *
   * @throws IllegalArgumentException where it contradicts itself, for example buckets without
   *     counts
   */
  public static TelemetryReport decode(Report report) {
    return new TelemetryReport(
        report.getProxyId(),
        report.getWindowStartEpochMillis(),
        Duration.ofMillis(report.getWindowMillis()),
        report.getEdgesList().stream().map(TelemetryCodec::decode).toList());
  }

  private static EdgeSample decode(dev.meshctl.model.wire.telemetry.EdgeSample message) {
    List<ResponseCount> responses =
        message.getResponsesList().stream()
            .map(count ->
                new ResponseCount(
                    count.getCode(),
                    count.getGrpcStatus(),
                    count.getFlags(),
                    atLeastZero("responses.count", count.getCount())))
            .toList();
    return new EdgeSample(
        new EdgeKey(
            decode(message.getSource()),
            message.getDestinationService(),
            decode(message.getDestination()),
            decode(message.getProtocol()),
            message.getMtls(),
            message.getRoute()),
        responses,
        atLeastZero("request_bytes", message.getRequestBytes()),
        atLeastZero("response_bytes", message.getResponseBytes()),
        latency(message));
  }

  private static LatencyHistogram.Counts latency(
      dev.meshctl.model.wire.telemetry.EdgeSample message) {
    int[] buckets = message.getLatencyBucketsList().stream().mapToInt(Integer::intValue).toArray();
    long[] counts = message.getLatencyCountsList().stream().mapToLong(Long::longValue).toArray();
    if (buckets.length != counts.length) {
      throw new IllegalArgumentException(
          "latency_counts: " + counts.length + " (expected: " + buckets.length + ", as buckets)");
    }
    for (int i = 0; i < buckets.length; i++) {
      int lowest = i == 0 ? 0 : buckets[i - 1] + 1;
      if (buckets[i] < lowest || buckets[i] >= LatencyHistogram.BUCKETS) {
        throw new IllegalArgumentException(
            "latency_buckets["
                + i
                + "]: "
                + buckets[i]
                + " (expected: "
                + lowest
                + " to "
                + (LatencyHistogram.BUCKETS - 1)
                + ")");
      }
      atLeastZero("latency_counts", counts[i]);
    }
    return new LatencyHistogram.Counts(
        buckets, counts, atLeastZero("latency_sum_micros", message.getLatencySumMicros()));
  }

  private static long atLeastZero(String field, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(field + ": " + value + " (expected: >= 0)");
    }
    return value;
  }

  private static WorkloadRef decode(Workload workload) {
    return new WorkloadRef(
        workload.getName(), workload.getNamespace(), workload.getApp(), workload.getVersion());
  }

  private static EdgeKey.Protocol decode(Protocol protocol) {
    return switch (protocol) {
      case HTTP1 -> EdgeKey.Protocol.HTTP1;
      case HTTP2 -> EdgeKey.Protocol.HTTP2;
      case GRPC -> EdgeKey.Protocol.GRPC;
      case TCP -> EdgeKey.Protocol.TCP;
      case PROTOCOL_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "protocol: " + protocol + " (expected: HTTP1, HTTP2, GRPC or TCP)");
    };
  }
}
