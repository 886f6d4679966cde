package dev.meshctl.console.topology;

import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.topology.layout.LayeredLayout.Size;

/** How much room cards and chips take, in pixels at a scale of one. */
final class CardSizes {
  private static final double LETTER = 8.8;

  private CardSizes() {}

  static Size node(Node node) {
    double words = node.name().length() * LETTER + node.version().length() * LETTER;
    return switch (node.kind()) {
      case WORKLOAD -> new Size(Math.max(150, words + 50), 54);
      case GATEWAY, SERVICE -> new Size(Math.max(140, words + 52), 50);
      case EXTERNAL, UNKNOWN -> new Size(Math.max(120, words + 36), 46);
    };
  }

  /** Edges inside of an application say something only where they are a split or fail. */
  static Size label(Edge edge) {
    if (edge.weightPercent() >= 0) {
      return new Size(edge.errors() > 0 ? 180 : 122, 40);
    }
    boolean inside = edge.source().startsWith("service:");
    return inside || !edge.observed() ? Size.NONE : new Size(edge.errors() > 0 ? 156 : 118, 40);
  }
}
