package dev.meshctl.model.topology.render;

import dev.meshctl.model.query.GraphView.Edge;
import java.util.ArrayList;
import java.util.List;

/** What is written beside an edge. */
final class EdgeWords {
  private EdgeWords() {}

  /** Up to three short lines. */
  static List<String> of(Edge edge) {
    List<String> lines = new ArrayList<>();
    if (edge.weightPercent() >= 0) {
      lines.add(share(edge));
    }
    if (edge.observed()) {
      String lock = edge.mtls() >= 1 ? " mTLS" : edge.mtls() > 0 ? " partly mTLS" : " plaintext";
      lines.add(edge.protocol() + lock + ", " + Figures.rate(edge.requestsPerSecond()));
      String errors = edge.errors() > 0 ? ", " + Figures.errors(edge) + " errors" : "";
      lines.add("p99 " + Figures.latency(edge.p99Ms()) + errors);
    } else {
      lines.add(edge.protocol());
    }
    return lines;
  }

  /** {@code 10%}, or {@code 10% (got 9.7%)} once there is something to compare with. */
  static String share(Edge edge) {
    String desired = Figures.percent(edge.weightPercent());
    return edge.observedPercent() < 0
        ? desired
        : desired + " (got " + Figures.percent(edge.observedPercent()) + ")";
  }

  /** {@code 9.7% of 10%}, or {@code 10% desired} before there is traffic. */
  static String measuredOfDesired(Edge edge) {
    String desired = Figures.percent(edge.weightPercent());
    return edge.observedPercent() < 0
        ? desired + " desired"
        : Figures.percent(edge.observedPercent()) + " of " + desired;
  }
}
