package dev.meshctl.model.topology.render;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.topology.FoldedGraph;
import dev.meshctl.model.topology.layout.GraphLayout;
import dev.meshctl.model.topology.layout.LayeredLayout;
import java.util.List;

/**
 * A drawing that stands alone: no script, no font, no link; light or dark as its viewer prefers.
 *
 * @param title above the graph, for example the mesh's name
 */
public record SvgGraph(String title) implements GraphRenderer {
  private static final double MARGIN = 28;
  private static final double HEADER = 62;
  private static final double FOOTER = 34;
  private static final double LEAST_WIDTH = 640;

  @Override
  public String render(GraphView whole) {
    GraphView view = FoldedGraph.of(whole).view();
    Names names = new Names(view);
    SvgNodes nodes = new SvgNodes(names);
    SvgEdges edges = new SvgEdges(view);
    GraphLayout layout =
        new LayeredLayout(LayeredLayout.Flow.RIGHT, nodes::size, edges::labelSize).of(view);
    double width = Math.max(LEAST_WIDTH, layout.width() + 2 * MARGIN);
    double height = layout.height() + HEADER + FOOTER + MARGIN;
    Svg svg = new Svg();
    svg.open(width, height, title.isEmpty() ? "service graph" : "service graph of " + title);
    header(svg, whole, width);
    double shift = Math.max(MARGIN, (width - layout.width()) / 2);
    svg.group("translate(%s %s)", shift, HEADER);
    for (GraphLayout.AppBox box : layout.boxes()) {
      nodes.box(svg, box);
    }
    for (int i = 0; i < view.edges().size(); i++) {
      edges.line(svg, view.edges().get(i), layout.edges().get(i));
    }
    for (Node node : view.nodes()) {
      GraphLayout.Box place = layout.nodes().get(node.id());
      if (place != null) {
        nodes.node(svg, node, place);
      }
    }
    for (int i = 0; i < view.edges().size(); i++) {
      edges.label(svg, view.edges().get(i), layout.edges().get(i));
    }
    svg.end();
    legend(svg, height);
    return svg.close();
  }

  private void header(Svg svg, GraphView view, double width) {
    svg.text("title", MARGIN, 34, "start", title.isEmpty() ? "Service graph" : title);
    List<Edge> calls =
        view.edges().stream().filter(edge -> !edge.source().startsWith("service:")).toList();
    long requests = calls.stream().mapToLong(Edge::requests).sum();
    long errors = calls.stream().mapToLong(Edge::errors).sum();
    double rate = calls.stream().mapToDouble(Edge::requestsPerSecond).sum();
    String last = "last " + view.windowMillis() / 1000 + " s: ";
    String figures =
        requests == 0
            ? last + "no traffic"
            : last
                + Figures.rate(rate)
                + " on all edges, "
                + Figures.percent(100.0 * errors / requests)
                + " errors";
    svg.text("sum", width - MARGIN, 34, "end", figures);
    svg.line("rule", MARGIN, 48, width - MARGIN, 48);
  }

  private static void legend(Svg svg, double height) {
    double y = height - 16;
    double x = MARGIN;
    x = key(svg, "edge ok", x, y, "healthy");
    x = key(svg, "edge warn", x, y, "errors");
    x = key(svg, "edge bad", x, y, "5% errors and more");
    x = key(svg, "edge idle", x, y, "configured, no traffic");
    x = key(svg, "edge odd", x, y, "not configured");
    svg.rect("bar", x, y - 7, 26, 6, 3);
    svg.rect("barfill", x, y - 7, 16, 6, 3);
    svg.line("mark", x + 19, y - 10, x + 19, y + 2);
    svg.text("legend", x + 33, y, "start", "measured share, desired mark");
  }

  private static double key(Svg svg, String kind, double x, double y, String words) {
    svg.line(kind, x, y - 4, x + 24, y - 4);
    svg.text("legend", x + 31, y, "start", words);
    return x + 31 + words.length() * 5.9 + 18;
  }
}
