package dev.meshctl.console.topology;

import dev.meshctl.model.query.GraphView.Edge;

/** How an edge does, worst last but for traffic that is not there. */
enum EdgeHealth {
  IDLE,
  OK,
  WARN,
  BAD;

  private static final double BAD_SHARE = 0.05;

  static EdgeHealth of(Edge edge) {
    if (!edge.observed()) {
      return IDLE;
    }
    if (edge.errors() == 0) {
      return OK;
    }
    return edge.errors() >= BAD_SHARE * edge.requests() ? BAD : WARN;
  }
}
