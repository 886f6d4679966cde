package dev.meshctl.model.topology.layout;

import java.util.List;
import java.util.Map;

/**
 * Coordinates in pixels, from the top left corner, y downwards.
 *
 * @param nodes by node id
 * @param boxes around the nodes of one application
 * @param edges beside the view's edges, index by index; an edge whose end is missing has no points
 */
public record GraphLayout(
    double width, double height, Map<String, Box> nodes, List<AppBox> boxes, List<Path> edges) {
  public GraphLayout {
    nodes = Map.copyOf(nodes);
    boxes = List.copyOf(boxes);
    edges = List.copyOf(edges);
  }

  /** A rectangle by its top left corner. */
  public record Box(double x, double y, double width, double height) {
    public double centerX() {
      return x + width / 2;
    }

    public double centerY() {
      return y + height / 2;
    }
  }

  /** {@code name} is {@code namespace/app}. */
  public record AppBox(String name, Box box) {}

  public record Point(double x, double y) {}

  /**
   * @param points from source to destination, bends between them
   * @param label where the edge's label goes; of size 0 where it has none
   */
  public record Path(List<Point> points, Box label) {
    public Path {
      points = List.copyOf(points);
    }
  }
}
