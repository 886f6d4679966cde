package dev.meshctl.model.topology.render;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.query.GraphView.NodeKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Graphviz; {@code dot -Tsvg} draws it. One cluster for each application. */
public record DotGraph() implements GraphRenderer {
  private static final String LINE = "\\n";

  @Override
  public String render(GraphView view) {
    Names names = new Names(view);
    StringBuilder dot = new StringBuilder(1024);
    dot.append("digraph mesh {\n")
        .append("  graph [rankdir=LR, fontname=\"sans-serif\", nodesep=0.3, ranksep=0.8];\n")
        .append("  node [shape=box, style=\"rounded,filled\", fillcolor=\"#f6f8fa\",")
        .append(" color=\"#8c959f\", fontname=\"sans-serif\", fontsize=11];\n")
        .append("  edge [fontname=\"sans-serif\", fontsize=9, color=\"#57606a\"];\n");
    int number = 0;
    for (Map.Entry<String, List<Node>> app : Applications.of(view).entrySet()) {
      dot.append("  subgraph cluster_").append(number++).append(" {\n");
      dot.append("    label=").append(quoted(app.getKey())).append("; color=\"#d0d7de\";\n");
      app.getValue().forEach(node -> node(dot, "    ", node, names));
      dot.append("  }\n");
    }
    for (Node node : view.nodes()) {
      if (!Applications.grouped(node)) {
        node(dot, "  ", node, names);
      }
    }
    view.edges().forEach(edge -> edge(dot, edge));
    return dot.append("}\n").toString();
  }

  private static void node(StringBuilder dot, String indent, Node node, Names names) {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("label", names.of(node) + label(node));
    switch (node.kind()) {
      case GATEWAY -> attributes.put("shape", "cds");
      case SERVICE -> attributes.put("shape", "oval");
      case EXTERNAL -> attributes.put("style", "rounded,dashed");
      case UNKNOWN -> attributes.put("style", "rounded,dotted");
      case WORKLOAD -> {
        if (node.ready() < node.replicas()) {
          attributes.put("color", "#cf222e");
        }
      }
    }
    dot.append(indent).append(quoted(node.id())).append(attributes(attributes)).append(";\n");
  }

  private static String label(Node node) {
    return node.kind() == NodeKind.WORKLOAD && node.replicas() > 0
        ? LINE + node.ready() + "/" + node.replicas() + " ready"
        : "";
  }

  private static void edge(StringBuilder dot, Edge edge) {
    Map<String, String> attributes = new TreeMap<>();
    attributes.put("label", String.join(LINE, EdgeWords.of(edge)));
    if (!edge.observed()) {
      attributes.put("style", "dashed");
      attributes.put("color", "#afb8c1");
    } else if (!edge.expected()) {
      attributes.put("color", "#9a6700");
    }
    if (edge.errors() > 0) {
      attributes.put("color", "#cf222e");
      attributes.put("fontcolor", "#cf222e");
    }
    dot.append("  ")
        .append(quoted(edge.source()))
        .append(" -> ")
        .append(quoted(edge.destination()))
        .append(attributes(attributes))
        .append(";\n");
  }

  private static String attributes(Map<String, String> attributes) {
    StringBuilder text = new StringBuilder(" [");
    String separator = "";
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      text.append(separator).append(attribute.getKey()).append('=');
      text.append(quoted(attribute.getValue()));
      separator = ", ";
    }
    return text.append(']').toString();
  }

  /** A backslash stays as it is but for {@code \n}, which our labels use to break lines. */
  private static String quoted(String text) {
    StringBuilder safe = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        safe.append("\\\"");
      } else if (c == '\\' && !text.startsWith(LINE, i)) {
        safe.append("\\\\");
      } else {
        safe.append(c < ' ' ? ' ' : c);
      }
    }
    return safe.append('"').toString();
  }
}
