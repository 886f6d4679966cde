package dev.meshctl.console.detail;

import dev.meshctl.console.topology.Drawing;
import dev.meshctl.console.topology.Selection;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.query.GraphView.NodeKind;
import dev.meshctl.model.query.GraphView.Signals;
import dev.meshctl.model.topology.render.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.value.ObservableValue;

/** Figures of what is selected, or of the whole mesh. Thread: that of the properties it watches. */
public final class DetailModel {
  private final ReadOnlyObjectWrapper<Detail> detail =
      new ReadOnlyObjectWrapper<>(new Detail("", "", Signals.NONE, List.of(), List.of()));

  /**
   * @param kind {@code service in bookshop}
   * @param facts name and value beside the golden signals
   * @param rows where it goes, or what it consists of
   */
  public record Detail(
      String title, String kind, Signals signals, List<Fact> facts, List<Row> rows) {
    public Detail {
      facts = List.copyOf(facts);
      rows = List.copyOf(rows);
    }
  }

  public record Fact(String name, String value) {}

  /**
   * @param rate formatted
   * @param failing some of it fails
   */
  public record Row(String name, String rate, String errors, String slow, boolean failing) {}

  public DetailModel(ObservableValue<Drawing> drawing, ObservableValue<Selection> selection) {
    drawing.addListener((observed, old, fresh) -> show(fresh, selection.getValue()));
    selection.addListener((observed, old, fresh) -> show(drawing.getValue(), fresh));
    show(drawing.getValue(), selection.getValue());
  }

  public ReadOnlyObjectProperty<Detail> detail() {
    return detail.getReadOnlyProperty();
  }

  private void show(Drawing drawing, Selection selection) {
    GraphView view = drawing.whole();
    detail.set(
        switch (selection) {
          case Selection.Nothing nothing -> mesh(view);
          case Selection.OfNode(String id) ->
              node(view, id).map(found -> ofNode(view, found)).orElseGet(() -> mesh(view));
          case Selection.OfEdge edge ->
              edge(drawing, edge).map(found -> ofEdge(view, found)).orElseGet(() -> mesh(view));
        });
  }

  private static Detail mesh(GraphView view) {
    List<Row> rows = new ArrayList<>();
    for (Node node : view.nodes()) {
      if (node.kind() == NodeKind.SERVICE) {
        rows.add(row(node.name(), node.received()));
      }
    }
    long workloads = view.nodes().stream().filter(node -> node.kind() == NodeKind.WORKLOAD).count();
    Signals in =
        view.nodes().stream()
            .filter(node -> node.kind() == NodeKind.GATEWAY)
            .map(Node::received)
            .max((a, b) -> Double.compare(a.requestsPerSecond(), b.requestsPerSecond()))
            .orElse(Signals.NONE);
    return new Detail(
        "Whole mesh",
        "busiest gateway, last " + view.windowMillis() / 1000 + " s",
        in,
        List.of(new Fact("Services", "" + rows.size()), new Fact("Workloads", "" + workloads)),
        rows);
  }

  private static Detail ofNode(GraphView view, Node node) {
    List<Row> rows = new ArrayList<>();
    for (Edge edge : view.edges()) {
      if (edge.source().equals(node.id())) {
        String name =
            node(view, edge.destination()).map(DetailModel::called).orElse(edge.service());
        rows.add(row(share(edge) + name, signals(edge)));
      }
    }
    List<Fact> facts = new ArrayList<>();
    if (node.replicas() > 0) {
      facts.add(new Fact("Replicas ready", node.ready() + " of " + node.replicas()));
    }
    if (node.received().requests() > 0) {
      facts.add(new Fact("Over mTLS", Figures.percent(100 * node.received().mtls())));
    }
    String kind = node.kind().name().toLowerCase(Locale.ROOT);
    String where = node.namespace().isEmpty() ? kind : kind + " in " + node.namespace();
    return new Detail(node.name(), where, node.received(), facts, rows);
  }

  private static Detail ofEdge(GraphView view, Edge edge) {
    String from = node(view, edge.source()).map(Node::name).orElse(edge.source());
    String to = node(view, edge.destination()).map(Node::name).orElse(edge.destination());
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact("Protocol", edge.protocol()));
    if (edge.observed()) {
      facts.add(new Fact("Over mTLS", Figures.percent(100 * edge.mtls())));
    }
    facts.add(new Fact("Configured", edge.expected() ? "yes" : "no"));
    if (edge.weightPercent() >= 0) {
      facts.add(new Fact("Desired share", Figures.percent(edge.weightPercent())));
    }
    if (edge.observedPercent() >= 0) {
      facts.add(new Fact("Measured share", Figures.percent(edge.observedPercent())));
    }
    return new Detail(
        from + " → " + to, "calls to " + edge.service(), signals(edge), facts, List.of());
  }

  private static String share(Edge edge) {
    return edge.weightPercent() < 0 ? "" : Figures.percent(edge.weightPercent()) + "  ";
  }

  private static String called(Node node) {
    boolean told = node.version().isEmpty() || node.name().endsWith(node.version());
    return told ? node.name() : node.name() + " " + node.version();
  }

  private static Row row(String name, Signals signals) {
    if (signals.requests() == 0) {
      return new Row(name, "–", "", "", false);
    }
    double failed = 100.0 * signals.errors() / signals.requests();
    return new Row(
        name,
        Figures.rate(signals.requestsPerSecond()),
        Figures.percent(failed),
        Figures.latency(signals.p99Ms()),
        failed > 0);
  }

  private static Signals signals(Edge edge) {
    return new Signals(
        edge.requests(),
        edge.errors(),
        edge.requestsPerSecond(),
        edge.p50Ms(),
        edge.p90Ms(),
        edge.p99Ms(),
        edge.mtls());
  }

  private static Optional<Node> node(GraphView view, String id) {
    return view.nodes().stream().filter(node -> node.id().equals(id)).findFirst();
  }

  /** As drawn, or as it came. */
  private static Optional<Edge> edge(Drawing drawing, Selection.OfEdge wanted) {
    return drawing.folded().view().edges().stream()
        .filter(edge ->
            edge.source().equals(wanted.source())
                && edge.destination().equals(wanted.destination())
                && edge.protocol().equals("tcp") == wanted.connections())
        .findFirst();
  }
}
