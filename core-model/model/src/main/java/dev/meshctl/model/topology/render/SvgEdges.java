package dev.meshctl.model.topology.render;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.topology.layout.GraphLayout.Box;
import dev.meshctl.model.topology.layout.GraphLayout.Path;
import dev.meshctl.model.topology.layout.GraphLayout.Point;
import dev.meshctl.model.topology.layout.LayeredLayout.Size;
import java.util.List;

/** Draws edges: colour says health, width says rate, the chip says the rest. */
final class SvgEdges {
  private static final double CORNER = 9;
  private static final double BAD_PERCENT = 5;
  private static final double BAR = 64;

  private final double mostPerSecond;

  SvgEdges(GraphView view) {
    mostPerSecond = view.edges().stream().mapToDouble(Edge::requestsPerSecond).max().orElse(0);
  }

  Size labelSize(Edge edge) {
    if (edge.weightPercent() >= 0) {
      return new Size(96, edge.errors() > 0 ? 46 : 32);
    }
    if (!edge.observed() || edge.source().startsWith("service:")) {
      return edge.errors() > 0 ? new Size(84, 20) : Size.NONE;
    }
    return new Size(114, edge.errors() > 0 ? 46 : 33);
  }

  private static String health(Edge edge) {
    if (!edge.observed()) {
      return "idle";
    }
    if (edge.errors() > 0) {
      return Figures.errorPercent(edge) >= BAD_PERCENT ? "bad" : "warn";
    }
    return edge.expected() ? "ok" : "odd";
  }

  void line(Svg svg, Edge edge, Path path) {
    List<Point> points = path.points();
    if (points.size() < 2) {
      return;
    }
    double share = mostPerSecond == 0 ? 0 : edge.requestsPerSecond() / mostPerSecond;
    double width = edge.observed() ? 1.5 + 2.5 * Math.sqrt(share) : 1.4;
    svg.explained(String.join(", ", EdgeWords.of(edge)));
    svg.path("edge " + health(edge), rounded(points), width);
    tip(svg, health(edge), points, 3.2 + width);
    svg.end();
  }

  /** Straight pieces with round corners, that end where the arrow's tip begins. */
  private static String rounded(List<Point> points) {
    StringBuilder data = new StringBuilder("M").append(xy(points.getFirst()));
    for (int i = 1; i < points.size() - 1; i++) {
      Point corner = points.get(i);
      Point before = towards(corner, points.get(i - 1));
      Point after = towards(corner, points.get(i + 1));
      data.append('L').append(xy(before)).append('Q').append(xy(corner));
      data.append(' ').append(xy(after));
    }
    Point last = points.getLast();
    Point previous = points.get(points.size() - 2);
    return data.append('L').append(xy(moved(last, previous, 4))).toString();
  }

  private static Point towards(Point from, Point to) {
    return moved(from, to, Math.min(CORNER, distance(from, to) / 2));
  }

  private static Point moved(Point from, Point to, double by) {
    double distance = distance(from, to);
    if (distance == 0) {
      return from;
    }
    double part = Math.min(1, by / distance);
    return new Point(from.x() + (to.x() - from.x()) * part, from.y() + (to.y() - from.y()) * part);
  }

  private static double distance(Point from, Point to) {
    return Math.hypot(to.x() - from.x(), to.y() - from.y());
  }

  private static void tip(Svg svg, String health, List<Point> points, double size) {
    Point end = points.getLast();
    Point previous = points.get(points.size() - 2);
    Point base = moved(end, previous, size * 1.6);
    double length = Math.max(1e-6, distance(end, base));
    double acrossX = -(end.y() - base.y()) / length * size * 0.72;
    double acrossY = (end.x() - base.x()) / length * size * 0.72;
    String data =
        "M"
            + xy(end)
            + "L"
            + xy(new Point(base.x() + acrossX, base.y() + acrossY))
            + "L"
            + xy(new Point(base.x() - acrossX, base.y() - acrossY))
            + "Z";
    svg.path("tip " + health, data, 0);
  }

  void label(Svg svg, Edge edge, Path path) {
    Box at = path.label();
    if (at.width() == 0) {
      return;
    }
    svg.rect("chip", at.x(), at.y(), at.width(), at.height(), 7);
    double x = at.x() + 9;
    double y = at.y();
    if (edge.weightPercent() >= 0) {
      split(svg, edge, x, y);
      y += 31;
    } else if (edge.observed() && !edge.source().startsWith("service:")) {
      lock(svg, edge, at.x() + at.width() - 17, y + 6);
      svg.text("el", x, y + 14.5, "start", Figures.rate(edge.requestsPerSecond()));
      String slow = edge.protocol() + " · p99 " + Figures.latency(edge.p99Ms());
      svg.text("es", x, y + 27, "start", slow);
      y += 31;
    }
    if (edge.errors() > 0) {
      svg.text("err", x, y + (y == at.y() ? 13.5 : 9), "start", Figures.errors(edge) + " errors");
    }
  }

  private static void split(Svg svg, Edge edge, double x, double y) {
    double desired = Math.min(100, edge.weightPercent());
    String words = Figures.percent(edge.weightPercent());
    if (edge.observedPercent() >= 0) {
      words = Figures.percent(edge.observedPercent()) + " of " + words;
    }
    svg.text("el", x, y + 14, "start", words);
    double barY = y + 20.5;
    svg.rect("bar", x, barY, BAR + 14, 6, 3);
    double filled = Math.clamp(edge.observedPercent(), 0, 100) / 100 * (BAR + 14);
    if (filled > 0) {
      svg.rect("barfill", x, barY, Math.max(3, filled), 6, 3);
    }
    double mark = x + desired / 100 * (BAR + 14);
    svg.line("mark", mark, barY - 3, mark, barY + 9);
  }

  private static void lock(Svg svg, Edge edge, double x, double y) {
    boolean closed = edge.mtls() >= 1;
    svg.rect(closed ? "lock" : "openfill", x, y + 4, 8, 6, 1.2);
    String shackle = closed ? "M%s %sv-2a2.4 2.4 0 0 1 4.8 0v2" : "M%s %sv-3a2.4 2.4 0 0 1 4.8 0";
    String data =
        shackle.replaceFirst("%s", Svg.number(x + 1.6)).replaceFirst("%s", Svg.number(y + 4));
    svg.path(closed ? "shackle" : "shackle open", data, 0);
  }

  private static String xy(Point point) {
    return Svg.number(point.x()) + " " + Svg.number(point.y());
  }
}
