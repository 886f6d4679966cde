package dev.meshctl.console.topology;

import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.query.GraphView.NodeKind;
import dev.meshctl.model.query.GraphView.Signals;
import dev.meshctl.model.topology.render.Figures;
import java.util.Locale;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Pane;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import javafx.scene.shape.Circle;
import javafx.scene.shape.Line;
import javafx.scene.shape.Rectangle;
import javafx.scene.shape.SVGPath;

/** What is written on nodes and edges. */
final class Cards {
  private static final int MOST_DOTS = 6;
  private static final String LOCK =
      "M2 5V3.4a2.6 2.6 0 0 1 5.2 0V5h.3c.6 0 1 .4 1 1v3.5c0 .6-.4 1-1 1H1.7c-.6 0-1-.4-1-1V6"
          + "c0-.6.4-1 1-1zm1.1 0h3V3.4a1.5 1.5 0 0 0-3 0z";
  private static final String OPEN_LOCK =
      "M2 5V2.4a2.6 2.6 0 0 1 5.2 0h-1.1a1.5 1.5 0 0 0-3 0V5h4.4c.6 0 1 .4 1 1v3.5c0 .6-.4 1-1 1"
          + "H1.7c-.6 0-1-.4-1-1V6c0-.6.4-1 1-1z";

  private Cards() {}

  static Region node(Node node) {
    Label name = styled(node.name(), "card-name");
    HBox first = new HBox(7);
    first.setAlignment(Pos.CENTER_LEFT);
    if (!node.version().isEmpty()) {
      first.getChildren().add(styled(node.version(), "badge"));
    }
    first.getChildren().add(name);
    HBox second = new HBox(4);
    second.setAlignment(Pos.CENTER_LEFT);
    if (node.kind() == NodeKind.WORKLOAD) {
      replicas(node, second);
    }
    Region gap = new Region();
    HBox.setHgrow(gap, Priority.ALWAYS);
    second.getChildren().addAll(gap, styled(figures(node), "card-figures"));
    VBox card = new VBox(5, first, second);
    card.setAlignment(Pos.CENTER_LEFT);
    card.getStyleClass().addAll("card", "card-" + node.kind().name().toLowerCase(Locale.ROOT));
    if (node.ready() < node.replicas()) {
      card.getStyleClass().add("card-short");
    }
    card.setFocusTraversable(true);
    card.setAccessibleText(
        node.kind().name().toLowerCase(Locale.ROOT) + " " + node.name() + ", " + figures(node));
    return card;
  }

  private static String figures(Node node) {
    Signals signals = node.received();
    if (signals.requests() > 0) {
      return Figures.rate(signals.requestsPerSecond()) + " · " + Figures.latency(signals.p99Ms());
    }
    return switch (node.kind()) {
      case GATEWAY -> "gateway";
      case EXTERNAL -> "outside";
      case UNKNOWN -> "no identity";
      case SERVICE, WORKLOAD -> "no traffic";
    };
  }

  private static void replicas(Node node, HBox row) {
    if (node.replicas() > MOST_DOTS) {
      row.getChildren().add(styled(node.ready() + "/" + node.replicas(), "card-figures"));
      return;
    }
    for (int i = 0; i < node.replicas(); i++) {
      Circle dot = new Circle(4);
      dot.getStyleClass().add(i < node.ready() ? "replica-up" : "replica-down");
      row.getChildren().add(dot);
    }
  }

  static Region edge(Edge edge) {
    VBox chip = new VBox(2);
    chip.getStyleClass()
        .addAll("chip", "chip-" + EdgeHealth.of(edge).name().toLowerCase(Locale.ROOT));
    chip.setFocusTraversable(true);
    if (edge.weightPercent() >= 0) {
      split(edge, chip);
    } else {
      calls(edge, chip);
    }
    return chip;
  }

  private static void calls(Edge edge, VBox chip) {
    Region gap = new Region();
    HBox.setHgrow(gap, Priority.ALWAYS);
    HBox first = new HBox(6, styled(Figures.rate(edge.requestsPerSecond()), "chip-main"), gap);
    first.setAlignment(Pos.CENTER_LEFT);
    if (edge.errors() > 0) {
      first.getChildren().add(styled(Figures.errors(edge) + " err", "chip-error"));
    }
    first.getChildren().add(lock(edge));
    String slow = edge.protocol() + " · p99 " + Figures.latency(edge.p99Ms());
    chip.getChildren().addAll(first, styled(slow, "chip-more"));
  }

  private static SVGPath lock(Edge edge) {
    SVGPath lock = new SVGPath();
    lock.setContent(edge.mtls() >= 1 ? LOCK : OPEN_LOCK);
    lock.getStyleClass().add(edge.mtls() >= 1 ? "lock" : "lock-open");
    return lock;
  }

  private static void split(Edge edge, VBox chip) {
    String desired = Figures.percent(edge.weightPercent());
    String words =
        edge.observedPercent() < 0
            ? desired
            : Figures.percent(edge.observedPercent()) + " of " + desired;
    Region gap = new Region();
    HBox.setHgrow(gap, Priority.ALWAYS);
    HBox first = new HBox(6, styled(words, "chip-main"), gap);
    if (edge.errors() > 0) {
      first.getChildren().add(styled(Figures.errors(edge) + " err", "chip-error"));
    }
    chip.getChildren()
        .addAll(
            first,
            bar(edge.observedPercent(), edge.weightPercent(), CardSizes.label(edge).width() - 18));
  }

  /** The measured share as a bar, the desired one as a mark; negative is unknown. */
  static Pane bar(double measuredPercent, double desiredPercent, double width) {
    Rectangle whole = rounded(width, "share-whole");
    double part = Math.clamp(measuredPercent, 0, 100) / 100 * width;
    Rectangle measured = rounded(part, "share-measured");
    double at = Math.clamp(desiredPercent, 0, 100) / 100 * width;
    Line mark = new Line(at, -2, at, 8);
    mark.getStyleClass().add("share-mark");
    Pane bar = new Pane(whole, measured, mark);
    bar.setMinHeight(8);
    return bar;
  }

  private static Rectangle rounded(double width, String style) {
    Rectangle bar = new Rectangle(width, 6);
    bar.setArcWidth(6);
    bar.setArcHeight(6);
    bar.getStyleClass().add(style);
    return bar;
  }

  private static Label styled(String text, String style) {
    Label label = new Label(text);
    label.getStyleClass().add(style);
    return label;
  }
}
