package dev.meshctl.console.topology;

import dev.meshctl.console.fx.Latest;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.topology.FoldedGraph;
import dev.meshctl.model.topology.layout.GraphLayout;
import dev.meshctl.model.topology.layout.LayeredLayout;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.SimpleObjectProperty;

/**
 * The newest graph with its layout, and what is selected in it. A layout is made only when nodes,
 * edges or what is written on them come or go, so figures change without anything moving.
 *
 * <p>Thread: {@link #offer} any; properties change on the FX executor. Layout runs in the
 * background, one at a time.
 */
public final class GraphModel {
  private static final int BOTH_WAYS_UP_TO_EDGES = 150;
  private static final double USUAL_WIDTH = 1000;
  private static final double USUAL_HEIGHT = 720;

  private final Latest<GraphView> incoming;
  private final Latest<Drawing> outgoing;
  private final ReadOnlyObjectWrapper<Drawing> drawing;
  private final ObjectProperty<Selection> selection =
      new SimpleObjectProperty<>(new Selection.Nothing());
  private Shape shape = new Shape(List.of(), List.of());
  private GraphLayout layout;

  /** What a layout depends on. */
  private record Shape(List<String> nodes, List<String> edges) {
    static Shape of(GraphView view) {
      return new Shape(
          view.nodes().stream().map(Shape::node).toList(),
          view.edges().stream().map(Shape::edge).toList());
    }

    private static String node(Node node) {
      return node.id() + node.app();
    }

    private static String edge(Edge edge) {
      return edge.source()
          + ">"
          + edge.destination()
          + (edge.protocol().equals("tcp") ? "t" : "r")
          + CardSizes.label(edge);
    }
  }

  public GraphModel(Executor fx, Executor background) {
    GraphView empty = new GraphView(0, 1, List.of(), List.of());
    FoldedGraph folded = FoldedGraph.of(empty);
    layout = new GraphLayout(0, 0, Map.of(), List.of(), List.of());
    drawing = new ReadOnlyObjectWrapper<>(new Drawing(empty, folded, layout));
    outgoing = new Latest<>(fx, drawing::set);
    incoming = new Latest<>(background, this::layOut);
  }

  /** A newer graph. */
  public void offer(GraphView view) {
    incoming.offer(view);
  }

  private synchronized void layOut(GraphView view) {
    FoldedGraph folded = FoldedGraph.of(view);
    Shape fresh = Shape.of(folded.view());
    if (!fresh.equals(shape)) {
      layout = roomiest(folded.view());
      shape = fresh;
    }
    outgoing.offer(new Drawing(view, folded, layout));
  }

  /** To the right or downwards: as it shows larger in a window of usual shape. */
  private static GraphLayout roomiest(GraphView view) {
    GraphLayout right = laid(LayeredLayout.Flow.RIGHT, view);
    if (view.edges().size() > BOTH_WAYS_UP_TO_EDGES) {
      return right;
    }
    GraphLayout down = laid(LayeredLayout.Flow.DOWN, view);
    return room(down) > room(right) ? down : right;
  }

  private static GraphLayout laid(LayeredLayout.Flow flow, GraphView view) {
    return new LayeredLayout(flow, CardSizes::node, CardSizes::label).of(view);
  }

  private static double room(GraphLayout layout) {
    return Math.min(
        USUAL_WIDTH / Math.max(1, layout.width()), USUAL_HEIGHT / Math.max(1, layout.height()));
  }

  public ReadOnlyObjectProperty<Drawing> drawing() {
    return drawing.getReadOnlyProperty();
  }

  public ObjectProperty<Selection> selection() {
    return selection;
  }
}
