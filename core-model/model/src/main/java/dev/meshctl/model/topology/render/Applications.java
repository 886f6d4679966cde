package dev.meshctl.model.topology.render;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.query.GraphView.NodeKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Services and the workloads that belong to them, by application. */
final class Applications {
  private Applications() {}

  /** {@code namespace/app} to its nodes: as callers come before those they call, else by name. */
  static Map<String, List<Node>> of(GraphView view) {
    Map<String, List<Node>> applications = new LinkedHashMap<>();
    for (Node node : asCalled(view)) {
      if (grouped(node)) {
        applications
            .computeIfAbsent(node.namespace() + "/" + node.app(), fresh -> new ArrayList<>())
            .add(node);
      }
    }
    Comparator<Node> servicesFirst =
        Comparator.comparing(node -> node.kind() == NodeKind.WORKLOAD ? 1 : 0);
    applications.values().forEach(nodes -> nodes.sort(servicesFirst.thenComparing(Node::id)));
    return applications;
  }

  /** Breadth first from the gateways, then what nobody leads to. */
  private static List<Node> asCalled(GraphView view) {
    Map<String, Node> unseen = new LinkedHashMap<>();
    view.nodes().stream()
        .filter(node -> node.kind() == NodeKind.GATEWAY)
        .forEach(node -> unseen.put(node.id(), node));
    Set<String> gateways = Set.copyOf(unseen.keySet());
    view.nodes().forEach(node -> unseen.putIfAbsent(node.id(), node));
    List<Node> ordered = new ArrayList<>();
    Deque<Node> queue = new ArrayDeque<>();
    while (!unseen.isEmpty()) {
      queue.add(start(view, unseen, gateways));
      unseen.remove(queue.getLast().id());
      while (!queue.isEmpty()) {
        Node node = queue.remove();
        ordered.add(node);
        for (Edge edge : view.edges()) {
          Node next = edge.source().equals(node.id()) ? unseen.remove(edge.destination()) : null;
          if (next != null) {
            queue.add(next);
          }
        }
      }
    }
    return ordered;
  }

  private static Node start(GraphView view, Map<String, Node> unseen, Set<String> gateways) {
    Node first = unseen.values().iterator().next();
    if (gateways.contains(first.id())) {
      return first;
    }
    return unseen.values().stream()
        .filter(
            node -> view.edges().stream().noneMatch(edge -> edge.destination().equals(node.id())))
        .findFirst()
        .orElse(first);
  }

  static boolean grouped(Node node) {
    return switch (node.kind()) {
      case SERVICE, WORKLOAD -> true;
      case GATEWAY, EXTERNAL, UNKNOWN -> false;
    };
  }
}
