package dev.meshctl.model.telemetry;

import java.time.Duration;
import java.util.List;

/** What one proxy measured in one window, as a delta. */
public record TelemetryReport(
    String proxyId, long windowStartEpochMillis, Duration window, List<EdgeSample> edges) {
  public TelemetryReport {
    edges = List.copyOf(edges);
  }
}
