package dev.meshctl.model.topology.layout;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.topology.layout.GraphLayout.AppBox;
import dev.meshctl.model.topology.layout.GraphLayout.Box;
import dev.meshctl.model.topology.layout.GraphLayout.Path;
import dev.meshctl.model.topology.layout.GraphLayout.Point;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.eclipse.elk.alg.layered.options.LayeredMetaDataProvider;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.alg.layered.options.NodePlacementStrategy;
import org.eclipse.elk.core.RecursiveGraphLayoutEngine;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeLabelPlacement;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.options.HierarchyHandling;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkGraphElement;
import org.eclipse.elk.graph.ElkLabel;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.util.ElkGraphUtil;
import org.jspecify.annotations.Nullable;

/**
 * ELK's layered algorithm, applications in boxes. Deterministic: it depends on nodes, edges and
 * sizes alone. Large graphs are placed with less care, the largest without boxes and labels, so
 * that a thousand nodes take a second and not a minute.
 *
 * <p>Thread: any; calls block.
 */
public final class LayeredLayout {
  private static final int CAREFUL_UP_TO_EDGES = 150;
  private static final int BOXES_UP_TO_EDGES = 600;
  private static final double BOX_PADDING = 14;
  private static final double BOX_TITLE = 30;

  private final Flow flow;
  private final Function<Node, Size> nodeSize;
  private final Function<Edge, Size> labelSize;

  /** Where calls lead. */
  public enum Flow {
    RIGHT,
    DOWN
  }

  /**
   * @param labelSize 0 by 0 for none
   */
  public LayeredLayout(Flow flow, Function<Node, Size> nodeSize, Function<Edge, Size> labelSize) {
    this.flow = flow;
    this.nodeSize = nodeSize;
    this.labelSize = labelSize;
  }

  public record Size(double width, double height) {
    public static final Size NONE = new Size(0, 0);
  }

  /** ELK's registry of algorithms is filled once. */
  private static final class Registry {
    static final LayoutMetaDataService SERVICE = LayoutMetaDataService.getInstance();

    static {
      SERVICE.registerLayoutMetaDataProviders(new LayeredMetaDataProvider());
    }

    private Registry() {}
  }

  public GraphLayout of(GraphView view) {
    Drawing drawing = new Drawing(view);
    drawing.layOut();
    return drawing.read();
  }

  /** One graph under way. */
  private final class Drawing {
    private final GraphView view;
    private final ElkNode root = ElkGraphUtil.createGraph();
    private final Map<String, Integer> members = new HashMap<>();
    private final Map<String, ElkNode> boxes = new TreeMap<>();
    private final Map<String, ElkNode> nodes = new LinkedHashMap<>();
    private final Map<Integer, ElkEdge> edges = new HashMap<>();
    private final boolean boxed;

    Drawing(GraphView view) {
      this.view = view;
      this.boxed = view.edges().size() <= BOXES_UP_TO_EDGES;
      configure(root, view.edges().size());
      view.nodes().forEach(node -> members.merge(app(node), 1, Integer::sum));
      for (Node node : view.nodes()) {
        ElkNode drawn = ElkGraphUtil.createNode(parent(node));
        Size size = nodeSize.apply(node);
        drawn.setDimensions(size.width(), size.height());
        nodes.put(node.id(), drawn);
      }
      for (int i = 0; i < view.edges().size(); i++) {
        connect(i, view.edges().get(i));
      }
    }

    private static String app(Node node) {
      return node.namespace() + "/" + node.app();
    }

    /** The box of its application; none for one that is alone in it. */
    private ElkNode parent(Node node) {
      return switch (node.kind()) {
        case SERVICE, WORKLOAD ->
            members.getOrDefault(app(node), 0) == 1 || !boxed
                ? root
                : boxes.computeIfAbsent(
                    app(node),
                    name -> {
                      ElkNode box = ElkGraphUtil.createNode(root);
                      configure(box, view.edges().size());
                      box.setProperty(
                          CoreOptions.PADDING,
                          new ElkPadding(BOX_TITLE, BOX_PADDING, BOX_PADDING, BOX_PADDING));
                      return box;
                    });
        case GATEWAY, EXTERNAL, UNKNOWN -> root;
      };
    }

    private void connect(int index, Edge edge) {
      ElkNode from = nodes.get(edge.source());
      ElkNode to = nodes.get(edge.destination());
      if (from == null || to == null) {
        return;
      }
      ElkEdge drawn = ElkGraphUtil.createSimpleEdge(from, to);
      Size size = boxed ? labelSize.apply(edge) : Size.NONE;
      if (size.width() > 0) {
        ElkLabel label = ElkGraphUtil.createLabel("·", drawn);
        label.setDimensions(size.width(), size.height());
        label.setProperty(CoreOptions.EDGE_LABELS_PLACEMENT, EdgeLabelPlacement.CENTER);
        label.setProperty(CoreOptions.EDGE_LABELS_INLINE, true);
      }
      edges.put(index, drawn);
    }

    void layOut() {
      if (Registry.SERVICE.getAlgorithmData(LayeredOptions.ALGORITHM_ID) == null) {
        throw new IllegalStateException("ELK's layered algorithm is not on the class path");
      }
      new RecursiveGraphLayoutEngine().layout(root, new BasicProgressMonitor());
    }

    GraphLayout read() {
      Map<String, Box> placed = new HashMap<>();
      nodes.forEach((id, node) -> placed.put(id, box(node)));
      List<AppBox> apps = new ArrayList<>();
      boxes.forEach((name, node) -> apps.add(new AppBox(name, box(node))));
      List<Path> paths = new ArrayList<>();
      for (int i = 0; i < view.edges().size(); i++) {
        paths.add(path(edges.get(i)));
      }
      return new GraphLayout(root.getWidth(), root.getHeight(), placed, apps, paths);
    }

    private Box box(ElkNode node) {
      Point corner = absolute(node);
      return new Box(corner.x(), corner.y(), node.getWidth(), node.getHeight());
    }

    private Point absolute(ElkNode node) {
      double x = 0;
      double y = 0;
      for (ElkNode up = node; up != root; up = up.getParent()) {
        x += up.getX();
        y += up.getY();
      }
      return new Point(x, y);
    }

    private Path path(@Nullable ElkEdge edge) {
      if (edge == null || edge.getSections().isEmpty()) {
        return new Path(List.of(), new Box(0, 0, 0, 0));
      }
      Point origin = absolute(edge.getContainingNode());
      List<Point> points = new ArrayList<>();
      ElkEdgeSection section = edge.getSections().getFirst();
      points.add(shifted(origin, section.getStartX(), section.getStartY()));
      section
          .getBendPoints()
          .forEach(bend -> points.add(shifted(origin, bend.getX(), bend.getY())));
      points.add(shifted(origin, section.getEndX(), section.getEndY()));
      Box label = new Box(0, 0, 0, 0);
      if (!edge.getLabels().isEmpty()) {
        ElkLabel drawn = edge.getLabels().getFirst();
        label =
            new Box(
                origin.x() + drawn.getX(),
                origin.y() + drawn.getY(),
                drawn.getWidth(),
                drawn.getHeight());
      }
      return new Path(points, label);
    }

    private Point shifted(Point origin, double x, double y) {
      return new Point(origin.x() + x, origin.y() + y);
    }
  }

  private void configure(ElkGraphElement graph, int edges) {
    boolean careful = edges <= CAREFUL_UP_TO_EDGES;
    boolean boxed = edges <= BOXES_UP_TO_EDGES;
    graph.setProperty(CoreOptions.ALGORITHM, LayeredOptions.ALGORITHM_ID);
    graph.setProperty(
        CoreOptions.DIRECTION,
        switch (flow) {
          case RIGHT -> Direction.RIGHT;
          case DOWN -> Direction.DOWN;
        });
    graph.setProperty(
        CoreOptions.HIERARCHY_HANDLING,
        boxed ? HierarchyHandling.INCLUDE_CHILDREN : HierarchyHandling.SEPARATE_CHILDREN);
    graph.setProperty(
        CoreOptions.EDGE_ROUTING, boxed ? EdgeRouting.ORTHOGONAL : EdgeRouting.POLYLINE);
    graph.setProperty(LayeredOptions.THOROUGHNESS, careful ? 7 : 1);
    graph.setProperty(
        LayeredOptions.NODE_PLACEMENT_STRATEGY,
        careful ? NodePlacementStrategy.NETWORK_SIMPLEX : NodePlacementStrategy.SIMPLE);
    graph.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, 30.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_NODE_BETWEEN_LAYERS, 16.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_EDGE_BETWEEN_LAYERS, 12.0);
    graph.setProperty(CoreOptions.SPACING_NODE_NODE, 22.0);
    graph.setProperty(CoreOptions.SPACING_EDGE_NODE, 14.0);
    graph.setProperty(CoreOptions.SPACING_EDGE_EDGE, 12.0);
    graph.setProperty(CoreOptions.SPACING_EDGE_LABEL, 4.0);
  }
}
