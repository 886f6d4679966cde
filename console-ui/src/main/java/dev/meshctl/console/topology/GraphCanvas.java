package dev.meshctl.console.topology;

import dev.meshctl.console.fx.Theme;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.topology.layout.GraphLayout;
import dev.meshctl.model.topology.layout.GraphLayout.Box;
import dev.meshctl.model.topology.layout.GraphLayout.Path;
import dev.meshctl.model.topology.layout.GraphLayout.Point;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.graphstream.graph.Element;
import org.graphstream.graph.implementations.MultiGraph;
import org.graphstream.ui.fx_viewer.FxDefaultView;
import org.graphstream.ui.fx_viewer.FxViewer;
import org.graphstream.ui.geom.Point3;
import org.graphstream.ui.graphicGraph.GraphicGraph;
import org.graphstream.ui.javafx.FxGraphRenderer;
import org.graphstream.ui.view.View;
import org.graphstream.ui.view.camera.Camera;
import org.graphstream.ui.view.util.InteractiveElement;
import org.graphstream.ui.view.util.MouseManager;
import org.jspecify.annotations.Nullable;

/**
 * The lines of the graph, drawn by GraphStream, whose nodes are but their ends: coordinates are
 * those of the layout, with y negated; GraphStream's own layout stays off.
 *
 * <p>Thread: JavaFX. Owns a GraphStream viewer: close it.
 */
final class GraphCanvas implements AutoCloseable {
  private final MultiGraph graph = new MultiGraph("mesh");
  private final FxViewer viewer;
  private final FxDefaultView view;
  private final Map<String, String> classes = new HashMap<>();
  private GraphLayout placed = new GraphLayout(0, 0, Map.of(), List.of(), List.of());

  /** From layout to screen: {@code screen = shift + layout * scale}. */
  record Transform(double scale, double shiftX, double shiftY) {}

  private @Nullable Look looking;

  /** What the camera was set for; it need not be set twice. */
  private record Look(
      double scale, double x, double y, double width, double height, double layoutWidth) {}

  GraphCanvas(Theme theme) {
    graph.setAttribute("ui.stylesheet", theme.graphSheet());
    graph.setAttribute("ui.antialias");
    graph.setAttribute("ui.quality");
    viewer = new FxViewer(graph, FxViewer.ThreadingModel.GRAPH_IN_GUI_THREAD);
    viewer.disableAutoLayout();
    view = (FxDefaultView) viewer.addDefaultView(false, new FxGraphRenderer());
    view.setMouseManager(new Untouched());
    view.setFocusTraversable(false);
    view.setMouseTransparent(true);
  }

  FxDefaultView view() {
    return view;
  }

  void theme(Theme theme) {
    graph.setAttribute("ui.stylesheet", theme.graphSheet());
    classes.clear();
  }

  static String edgeId(Edge edge) {
    return edge.source() + ">" + edge.destination() + (edge.protocol().equals("tcp") ? ">tcp" : "");
  }

  /** Shows a drawing; only what differs from the one before is touched. */
  void show(Drawing drawing, Set<String> selected) {
    boolean moved = !drawing.layout().equals(placed);
    placed = drawing.layout();
    Set<String> keep = new HashSet<>();
    for (Node node : drawing.folded().view().nodes()) {
      Box box = placed.nodes().get(node.id());
      if (box != null) {
        keep.add(node.id());
        node(node, box, moved);
      }
    }
    List<Edge> edges = drawing.folded().view().edges();
    for (int i = 0; i < edges.size(); i++) {
      Path path = placed.edges().get(i);
      if (path.points().size() > 1) {
        String id = edgeId(edges.get(i));
        keep.add(id);
        edge(edges.get(i), id, path, moved, selected.contains(id));
      }
    }
    graph
        .edges()
        .map(edge -> edge.getId())
        .filter(id -> !keep.contains(id))
        .toList()
        .forEach(this::removeEdge);
    graph
        .nodes()
        .map(node -> node.getId())
        .filter(id -> !keep.contains(id))
        .toList()
        .forEach(this::removeNode);
  }

  private void removeEdge(String id) {
    graph.removeEdge(id);
    classes.remove(id);
  }

  private void removeNode(String id) {
    graph.removeNode(id);
    classes.remove(id);
  }

  private void node(Node node, Box box, boolean moved) {
    org.graphstream.graph.Node drawn = graph.getNode(node.id());
    boolean fresh = drawn == null;
    if (drawn == null) {
      drawn = graph.addNode(node.id());
    }
    if (fresh || moved) {
      drawn.setAttribute("xyz", box.centerX(), -box.centerY(), 0.0);
    }
  }

  private void edge(Edge edge, String id, Path path, boolean moved, boolean selected) {
    org.graphstream.graph.Edge drawn = graph.getEdge(id);
    boolean fresh = drawn == null;
    if (drawn == null) {
      drawn = graph.addEdge(id, edge.source(), edge.destination(), true);
    }
    if (fresh || moved) {
      Point3[] points = new Point3[path.points().size()];
      for (int i = 0; i < points.length; i++) {
        Point point = path.points().get(i);
        points[i] = new Point3(point.x(), -point.y(), 0);
      }
      drawn.setAttribute("ui.points", (Object) points);
    }
    String health = EdgeHealth.of(edge).name().toLowerCase(Locale.ROOT);
    dress(drawn, id, selected ? health + ", selected" : health);
  }

  private void dress(Element element, String id, String style) {
    if (!style.equals(classes.put(id, style))) {
      element.setAttribute("ui.class", style);
    }
  }

  /** Draws now, so that {@link #transform} is of what is seen. */
  void draw() {
    viewer.getGraphicGraph().computeBounds();
    view.display(viewer.getGraphicGraph(), true);
  }

  /** Looks at a point of the layout, at a scale in pixels. */
  void look(double scale, double centerX, double centerY) {
    if (graph.getNodeCount() == 0 || view.getWidth() < 1 || view.getHeight() < 1) {
      return;
    }
    Look wanted =
        new Look(scale, centerX, centerY, view.getWidth(), view.getHeight(), placed.width());
    if (!wanted.equals(looking)) {
      looking = wanted;
      Camera camera = view.getCamera();
      camera.setAutoFitView(false);
      camera.setViewCenter(centerX, -centerY, 0);
      draw();
      double now = transform().scale();
      if (now > 0) {
        camera.setViewPercent(camera.getViewPercent() * now / scale);
      }
    }
    draw();
  }

  Transform transform() {
    Camera camera = view.getCamera();
    Point3 origin = camera.transformGuToPx(0, 0, 0);
    Point3 unit = camera.transformGuToPx(1000, 0, 0);
    return new Transform((unit.x - origin.x) / 1000, origin.x, origin.y);
  }

  @Override
  public void close() {
    viewer.close();
  }

  /** The mouse is ours: cards and chips lie above the canvas. */
  private static final class Untouched implements MouseManager {
    @Override
    public void init(GraphicGraph graph, View view) {}

    @Override
    public void release() {}

    @Override
    public EnumSet<InteractiveElement> getManagedTypes() {
      return EnumSet.noneOf(InteractiveElement.class);
    }
  }
}
