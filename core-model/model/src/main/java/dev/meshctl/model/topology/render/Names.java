package dev.meshctl.model.topology.render;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.query.GraphView.NodeKind;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What nodes are called: with their namespace only where the graph spans several. */
final class Names {
  private final Map<String, Node> nodes = new HashMap<>();
  private final boolean qualified;

  Names(GraphView view) {
    view.nodes().forEach(node -> nodes.put(node.id(), node));
    qualified =
        view.nodes().stream()
                .filter(node -> node.kind() == NodeKind.SERVICE || node.kind() == NodeKind.WORKLOAD)
                .map(Node::namespace)
                .filter(namespace -> !namespace.isEmpty())
                .collect(Collectors.toSet())
                .size()
            > 1;
  }

  String of(Node node) {
    return qualified && !node.namespace().isEmpty()
        ? node.namespace() + "/" + node.name()
        : node.name();
  }

  String of(String id) {
    Node node = nodes.get(id);
    return node == null ? id : of(node);
  }

  /** {@code v3}, or the workload's name where it carries no version. */
  String version(String id) {
    Node node = nodes.get(id);
    if (node == null) {
      return id;
    }
    return node.version().isEmpty() ? of(node) : node.version();
  }
}
