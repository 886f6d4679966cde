package dev.meshctl.model.topology.render;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A Mermaid flowchart, for Markdown pages and pull requests. */
public record MermaidGraph() implements GraphRenderer {

  @Override
  public String render(GraphView view) {
    Names names = new Names(view);
    Map<String, String> keys = new HashMap<>();
    view.nodes().forEach(node -> keys.put(node.id(), "n" + keys.size()));
    StringBuilder chart = new StringBuilder("flowchart LR\n");
    int number = 0;
    for (Map.Entry<String, List<Node>> app : Applications.of(view).entrySet()) {
      chart.append("  subgraph g").append(number++).append(" [");
      chart.append(quoted(app.getKey())).append("]\n");
      app.getValue().forEach(node -> node(chart.append("    "), node, keys, names));
      chart.append("  end\n");
    }
    for (Node node : view.nodes()) {
      if (!Applications.grouped(node)) {
        node(chart.append("  "), node, keys, names);
      }
    }
    edges(chart, view, keys);
    chart.append("  classDef short stroke:#cf222e,stroke-width:2px\n");
    return chart.toString();
  }

  private static void node(StringBuilder chart, Node node, Map<String, String> keys, Names names) {
    String name = quoted(names.of(node));
    chart.append(keys.get(node.id()));
    chart.append(
        switch (node.kind()) {
          case GATEWAY -> ">" + name + "]";
          case SERVICE -> "([" + name + "])";
          case WORKLOAD ->
              "[" + quoted(names.of(node) + "<br/>" + node.ready() + "/" + node.replicas()) + "]";
          case EXTERNAL -> "{{" + name + "}}";
          case UNKNOWN -> "((" + name + "))";
        });
    if (node.ready() < node.replicas()) {
      chart.append(":::short");
    }
    chart.append('\n');
  }

  private static void edges(StringBuilder chart, GraphView view, Map<String, String> keys) {
    List<Integer> failing = new ArrayList<>();
    int number = 0;
    for (Edge edge : view.edges()) {
      String from = keys.get(edge.source());
      String to = keys.get(edge.destination());
      if (from == null || to == null) {
        continue;
      }
      chart.append("  ").append(from).append(edge.observed() ? " -->" : " -.->");
      chart.append('|').append(quoted(String.join("<br/>", EdgeWords.of(edge)))).append("| ");
      chart.append(to).append('\n');
      if (edge.errors() > 0) {
        failing.add(number);
      }
      number++;
    }
    for (int index : failing) {
      chart.append("  linkStyle ").append(index).append(" stroke:#cf222e,stroke-width:2px\n");
    }
  }

  private static String quoted(String text) {
    String safe = text.replace("\"", "#quot;").replace('\n', ' ').replace("<br/>", "\n");
    return '"' + safe.replace("<", "#lt;").replace("\n", "<br/>") + '"';
  }
}
