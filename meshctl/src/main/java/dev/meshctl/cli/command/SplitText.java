package dev.meshctl.cli.command;

import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.traffic.HostSplit;
import java.util.Locale;
import java.util.Optional;

/** Splits in words. */
final class SplitText {
  private SplitText() {}

  /** {@code reviews.shop.svc.cluster.local: VirtualService shop/reviews (traffic.yaml:8:1)}. */
  static String heading(HostSplit split, Output output) {
    return output.paint(Style.STRONG, split.host())
        + ": "
        + split.resource()
        + " ("
        + split.position()
        + ")";
  }

  /** {@code 33.3%}; whole percents without a fraction; {@code -} below zero. */
  static String percent(double percent) {
    if (percent < 0) {
      return "-";
    }
    return Math.abs(percent - Math.rint(percent)) < 0.05
        ? String.format(Locale.ROOT, "%.0f%%", percent)
        : String.format(Locale.ROOT, "%.1f%%", percent);
  }

  /** The measured part of a split: the edge to the version, or the Service, of the share's name. */
  static Optional<GraphView.Edge> edge(GraphView view, HostSplit split, HostSplit.Share share) {
    return view.edges().stream()
        .filter(edge -> edge.observedPercent() >= 0)
        .filter(edge -> edge.service().equals(split.host()) || edge.service().equals(share.host()))
        .filter(edge ->
            view.nodes().stream()
                .filter(node -> node.id().equals(edge.destination()))
                .anyMatch(node ->
                    node.version().equals(share.name()) || node.name().equals(share.name())))
        .findFirst();
  }
}
