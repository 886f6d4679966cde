package dev.meshctl.model.topology.render;

import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.query.GraphView.NodeKind;
import dev.meshctl.model.query.GraphView.Signals;
import dev.meshctl.model.topology.layout.GraphLayout.AppBox;
import dev.meshctl.model.topology.layout.GraphLayout.Box;
import dev.meshctl.model.topology.layout.LayeredLayout.Size;

/** Draws nodes and the boxes around them. */
final class SvgNodes {
  private static final double LETTER = 7.1;
  private static final int MOST_DOTS = 8;

  private final Names names;

  SvgNodes(Names names) {
    this.names = names;
  }

  Size size(Node node) {
    double words = names.of(node).length() * LETTER;
    return switch (node.kind()) {
      case GATEWAY -> new Size(Math.max(118, words + 44), 46);
      case SERVICE -> new Size(Math.max(126, words + 36), 42);
      case WORKLOAD -> new Size(Math.max(146, words + 34 + badge(node)), 50);
      case EXTERNAL, UNKNOWN -> new Size(Math.max(96, words + 30), 38);
    };
  }

  private static double badge(Node node) {
    return node.version().isEmpty() ? 0 : node.version().length() * LETTER + 12;
  }

  void box(Svg svg, AppBox app) {
    Box box = app.box();
    svg.rect("box", box.x(), box.y(), box.width(), box.height(), 12);
    int slash = app.name().indexOf('/');
    String name = app.name().substring(slash + 1);
    svg.text("app", box.x() + 14, box.y() + 19, "start", name);
    if (box.width() > (app.name().length() + 4) * LETTER) {
      String namespace = app.name().substring(0, slash);
      svg.text("ns", box.x() + box.width() - 14, box.y() + 19, "end", namespace);
    }
  }

  void node(Svg svg, Node node, Box place) {
    svg.explained(node.id());
    switch (node.kind()) {
      case GATEWAY -> gateway(svg, node, place);
      case SERVICE -> service(svg, node, place);
      case WORKLOAD -> workload(svg, node, place);
      case EXTERNAL, UNKNOWN -> outside(svg, node, place);
    }
    svg.end();
  }

  private void gateway(Svg svg, Node node, Box at) {
    double nose = 14;
    double right = at.x() + at.width();
    String data =
        "M"
            + xy(at.x() + 8, at.y())
            + "H"
            + Svg.number(right - nose)
            + "L"
            + xy(right, at.centerY())
            + "L"
            + xy(right - nose, at.y() + at.height())
            + "H"
            + Svg.number(at.x() + 8)
            + "Q"
            + xy(at.x(), at.y() + at.height())
            + " "
            + xy(at.x(), at.y() + at.height() - 8)
            + "V"
            + Svg.number(at.y() + 8)
            + "Q"
            + xy(at.x(), at.y())
            + " "
            + xy(at.x() + 8, at.y())
            + "Z";
    svg.path("gateway", data, 0);
    svg.text("ongw", at.x() + 14, at.y() + 20, "start", names.of(node));
    svg.text("ongws", at.x() + 14, at.y() + 36, "start", "gateway" + rate(node.received()));
  }

  private void service(Svg svg, Node node, Box at) {
    svg.rect("service", at.x(), at.y(), at.width(), at.height(), at.height() / 2);
    svg.text("name", at.centerX(), at.y() + 18, "middle", names.of(node));
    Signals signals = node.received();
    String figures =
        signals.requests() == 0
            ? "no traffic"
            : Figures.rate(signals.requestsPerSecond())
                + " · p99 "
                + Figures.latency(signals.p99Ms());
    svg.text("fig", at.centerX(), at.y() + 33, "middle", figures);
  }

  private void workload(Svg svg, Node node, Box at) {
    String kind = node.ready() < node.replicas() ? "card short" : "card";
    svg.rect(kind, at.x(), at.y(), at.width(), at.height(), 8);
    double textX = at.x() + 12;
    if (!node.version().isEmpty()) {
      double width = badge(node);
      svg.rect("badge", textX, at.y() + 8, width, 17, 8.5);
      svg.text("ver", textX + width / 2, at.y() + 20.5, "middle", node.version());
      textX += width + 8;
    }
    svg.text("name", textX, at.y() + 21, "start", names.of(node));
    replicas(svg, node, at.x() + 17, at.y() + 36);
    Signals signals = node.received();
    if (signals.requests() > 0) {
      svg.text(
          "fig",
          at.x() + at.width() - 12,
          at.y() + 39.5,
          "end",
          Figures.rate(signals.requestsPerSecond()) + " · " + Figures.latency(signals.p99Ms()));
    }
  }

  /** A dot each; figures where there are too many to count at a glance. */
  private static void replicas(Svg svg, Node node, double x, double y) {
    if (node.replicas() > MOST_DOTS) {
      svg.text("fig", x - 5, y + 3.5, "start", node.ready() + "/" + node.replicas() + " ready");
      return;
    }
    for (int i = 0; i < node.replicas(); i++) {
      svg.circle(i < node.ready() ? "up" : "down", x + 12 * i, y, i < node.ready() ? 4 : 3.4);
    }
    if (node.replicas() == 0) {
      svg.text("fig", x - 5, y + 3.5, "start", "gone");
    }
  }

  private void outside(Svg svg, Node node, Box at) {
    svg.rect("out", at.x(), at.y(), at.width(), at.height(), 8);
    svg.text("name", at.centerX(), at.y() + 17, "middle", names.of(node));
    String what = node.kind() == NodeKind.EXTERNAL ? "outside" : "no identity";
    svg.text("fig", at.centerX(), at.y() + 31, "middle", what + rate(node.received()));
  }

  private static String rate(Signals signals) {
    return signals.requests() == 0 ? "" : " · " + Figures.rate(signals.requestsPerSecond());
  }

  private static String xy(double x, double y) {
    return Svg.number(x) + " " + Svg.number(y);
  }
}
