package dev.meshctl.model.topology.render;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Services and the workloads that belong to them, by application. */
final class Applications {
  private Applications() {}

  /** {@code namespace/app} to its nodes, in order. */
  static Map<String, List<Node>> of(GraphView view) {
    Map<String, List<Node>> applications = new TreeMap<>();
    for (Node node : view.nodes()) {
      if (grouped(node)) {
        applications
            .computeIfAbsent(node.namespace() + "/" + node.app(), fresh -> new ArrayList<>())
            .add(node);
      }
    }
    return applications;
  }

  static boolean grouped(Node node) {
    return switch (node.kind()) {
      case SERVICE, WORKLOAD -> true;
      case GATEWAY, EXTERNAL, UNKNOWN -> false;
    };
  }
}
