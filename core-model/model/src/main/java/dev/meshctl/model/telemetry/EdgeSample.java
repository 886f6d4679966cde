package dev.meshctl.model.telemetry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts of one edge in one window. For TCP a request is a connection, and {@code latency} its time
 * to connect.
 *
 * @param responses by code and flags; the sum of counts is the number of requests
 * @param latency of whole exchanges, in microseconds
 */
public record EdgeSample(
    EdgeKey key,
    List<ResponseCount> responses,
    long requestBytes,
    long responseBytes,
    LatencyHistogram.Counts latency) {
  public EdgeSample {
    responses = List.copyOf(responses);
  }

  /**
   * @param code HTTP status, 0 for TCP and where none was received
   * @param grpcStatus -1 where not gRPC
   * @param flags Envoy response flags such as {@code UH}; empty for none
   */
  public record ResponseCount(int code, int grpcStatus, String flags, long count) {
    ResponseCount withCount(long other) {
      return new ResponseCount(code, grpcStatus, flags, other);
    }

    /** A failure as the golden signals count it. */
    public boolean failed() {
      return code >= 500
          || (code == 0 && !flags.isEmpty())
          || grpcStatus == 2
          || grpcStatus == 4
          || grpcStatus == 8
          || grpcStatus >= 12;
    }
  }

  public long requests() {
    return responses.stream().mapToLong(ResponseCount::count).sum();
  }

  public long errors() {
    return responses.stream().filter(ResponseCount::failed).mapToLong(ResponseCount::count).sum();
  }

  /** Both counts of one edge together; {@code other} must have the same key. */
  public EdgeSample plus(EdgeSample other) {
    if (!key.equals(other.key)) {
      throw new IllegalArgumentException("key: " + other.key + " (expected: " + key + ")");
    }
    Map<ResponseCount, Long> counts = new LinkedHashMap<>();
    for (List<ResponseCount> side : List.of(responses, other.responses)) {
      side.forEach(r -> counts.merge(r.withCount(0), r.count(), Long::sum));
    }
    return new EdgeSample(
        key,
        counts.entrySet().stream().map(e -> e.getKey().withCount(e.getValue())).toList(),
        requestBytes + other.requestBytes,
        responseBytes + other.responseBytes,
        latency.plus(other.latency));
  }
}
