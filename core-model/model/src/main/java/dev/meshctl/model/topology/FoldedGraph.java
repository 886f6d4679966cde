package dev.meshctl.model.topology;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.query.GraphView.NodeKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph for drawing: a service with one workload of its own and no split is one node, under the
 * workload's id and the service's name, with all that came to the service.
 *
 * @param services folded away, by the id of the workload that stands for them
 */
public record FoldedGraph(GraphView view, Map<String, String> services) {
  public FoldedGraph {
    services = Map.copyOf(services);
  }

  public static FoldedGraph of(GraphView view) {
    Map<String, Set<String>> targets = new HashMap<>();
    Map<String, Set<String>> callers = new HashMap<>();
    Set<String> split = new HashSet<>();
    for (Edge edge : view.edges()) {
      targets.computeIfAbsent(edge.source(), fresh -> new HashSet<>()).add(edge.destination());
      callers.computeIfAbsent(edge.destination(), fresh -> new HashSet<>()).add(edge.source());
      if (edge.weightPercent() >= 0) {
        split.add(edge.source());
      }
    }
    Map<String, Node> byId = new HashMap<>();
    view.nodes().forEach(node -> byId.put(node.id(), node));
    Map<String, Node> folded = new HashMap<>();
    Map<String, String> services = new HashMap<>();
    for (Node service : view.nodes()) {
      Set<String> reached = targets.getOrDefault(service.id(), Set.of());
      if (service.kind() != NodeKind.SERVICE
          || reached.size() != 1
          || split.contains(service.id())) {
        continue;
      }
      Node only = byId.get(reached.iterator().next());
      if (only != null
          && only.kind() == NodeKind.WORKLOAD
          && callers.getOrDefault(only.id(), Set.of()).equals(Set.of(service.id()))) {
        folded.put(service.id(), merged(service, only));
        services.put(only.id(), service.id());
      }
    }
    return new FoldedGraph(rewritten(view, folded), services);
  }

  /** The service that a node shows, be it folded or not. */
  public String serviceOf(String node) {
    return services.getOrDefault(node, node);
  }

  private static Node merged(Node service, Node workload) {
    return new Node(
        workload.id(),
        NodeKind.WORKLOAD,
        service.namespace(),
        service.name(),
        service.app(),
        workload.version(),
        workload.ready(),
        workload.replicas(),
        service.received());
  }

  private static GraphView rewritten(GraphView view, Map<String, Node> folded) {
    Map<String, Node> merged = new HashMap<>();
    folded.values().forEach(node -> merged.put(node.id(), node));
    List<Node> nodes = new ArrayList<>();
    for (Node node : view.nodes()) {
      if (!folded.containsKey(node.id())) {
        nodes.add(merged.getOrDefault(node.id(), node));
      }
    }
    List<Edge> edges = new ArrayList<>();
    for (Edge edge : view.edges()) {
      Node target = folded.get(edge.destination());
      if (!folded.containsKey(edge.source())) {
        edges.add(target == null ? edge : leadingTo(edge, target.id()));
      }
    }
    return new GraphView(view.atEpochMillis(), view.windowMillis(), nodes, edges);
  }

  private static Edge leadingTo(Edge edge, String destination) {
    return new Edge(
        edge.source(),
        destination,
        edge.service(),
        edge.protocol(),
        edge.expected(),
        edge.observed(),
        edge.weightPercent(),
        edge.observedPercent(),
        edge.requests(),
        edge.errors(),
        edge.requestsPerSecond(),
        edge.p50Ms(),
        edge.p90Ms(),
        edge.p99Ms(),
        edge.mtls());
  }
}
