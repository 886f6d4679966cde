package dev.meshctl.cli.demo;

import dev.meshctl.model.query.GraphView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a {@link GraphView} says about a split and about every edge. Pure. */
final class Measurement {
  /** Of each share, two-sided. */
  static final double CONFIDENCE = 0.9999;

  private Measurement() {}

  /** Requests that the service {@code name} took, by the version that served them. */
  static Map<String, Long> byVersion(GraphView graph, String name) {
    Map<String, GraphView.Node> nodes = nodes(graph);
    Map<String, Long> counts = new LinkedHashMap<>();
    for (GraphView.Edge edge : graph.edges()) {
      GraphView.Node from = nodes.get(edge.source());
      GraphView.Node to = nodes.get(edge.destination());
      if (from != null
          && to != null
          && from.kind() == GraphView.NodeKind.SERVICE
          && from.name().equals(name)
          && to.kind() == GraphView.NodeKind.WORKLOAD) {
        counts.merge(to.version(), edge.requests(), Long::sum);
      }
    }
    return counts;
  }

  static long calls(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Desired beside observed, with the bound that says whether they agree. */
  static DemoReport.Phase phase(
      Map<String, Integer> weights, Map<String, Long> counts, double secondsToAcknowledge) {
    long total = calls(counts);
    int sum = weights.values().stream().mapToInt(Integer::intValue).sum();
    Map<String, Double> desired = new LinkedHashMap<>();
    Map<String, Double> observed = new LinkedHashMap<>();
    Map<String, Double> least = new LinkedHashMap<>();
    Map<String, Double> most = new LinkedHashMap<>();
    boolean agreed = total > 0 && weights.keySet().containsAll(withTraffic(counts));
    for (Map.Entry<String, Integer> weight : weights.entrySet()) {
      String version = weight.getKey();
      double share = (double) weight.getValue() / sum;
      long count = counts.getOrDefault(version, 0L);
      BinomialBound bound = BinomialBound.of(total, share, CONFIDENCE);
      desired.put(version, 100 * share);
      observed.put(version, total == 0 ? 0 : 100.0 * count / total);
      least.put(version, bound.leastPercent());
      most.put(version, bound.mostPercent());
      agreed &= bound.holds(count);
    }
    return new DemoReport.Phase(
        desired, observed, least, most, total, secondsToAcknowledge, agreed);
  }

  private static List<String> withTraffic(Map<String, Long> counts) {
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() > 0)
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Every edge that was seen, by name. A service that only one workload serves has no edge of its
   * own: who called the service called that workload.
   */
  static List<DemoReport.Edge> edges(GraphView graph) {
    Map<String, GraphView.Node> nodes = nodes(graph);
    List<DemoReport.Edge> edges = new ArrayList<>();
    for (GraphView.Edge edge : graph.edges()) {
      if (edge.observed() && edge.requests() > 0 && !isOnlyChoice(graph, nodes, edge)) {
        edges.add(
            new DemoReport.Edge(
                name(nodes, edge.source()),
                name(nodes, edge.destination()),
                edge.protocol(),
                edge.requests(),
                edge.errors(),
                edge.p50Ms(),
                edge.p90Ms(),
                edge.p99Ms(),
                edge.mtls() >= 1));
      }
    }
    edges.sort(
        Comparator.comparing(DemoReport.Edge::source)
            .thenComparing(DemoReport.Edge::destination)
            .thenComparing(DemoReport.Edge::protocol));
    return edges;
  }

  private static boolean isOnlyChoice(
      GraphView graph, Map<String, GraphView.Node> nodes, GraphView.Edge edge) {
    GraphView.Node from = nodes.get(edge.source());
    return from != null
        && from.kind() == GraphView.NodeKind.SERVICE
        && graph.edges().stream().filter(other -> other.source().equals(edge.source())).count()
            == 1;
  }

  private static String name(Map<String, GraphView.Node> nodes, String id) {
    GraphView.Node node = nodes.get(id);
    return node == null || node.name().isEmpty() ? id : node.name();
  }

  private static Map<String, GraphView.Node> nodes(GraphView graph) {
    Map<String, GraphView.Node> nodes = new HashMap<>();
    graph.nodes().forEach(node -> nodes.put(node.id(), node));
    return nodes;
  }
}
