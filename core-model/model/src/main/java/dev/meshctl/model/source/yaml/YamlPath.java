package dev.meshctl.model.source.yaml;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Field paths as diagnostics write them: {@code spec.http[0].route[1]}. */
final class YamlPath {
  private static final Pattern STEP = Pattern.compile("([^.\\[\\]]+)|\\[(\\d+)]");

  private YamlPath() {}

  /** The node at a path. */
  static Optional<Node> find(Node root, String path) {
    Optional<Node> current = Optional.of(root);
    Matcher steps = STEP.matcher(path);
    while (steps.find() && current.isPresent()) {
      Node from = current.get();
      current =
          steps.group(2) == null
              ? field(from, steps.group(1))
              : item(from, Integer.parseInt(steps.group(2)));
    }
    return current;
  }

  private static Optional<Node> field(Node from, String key) {
    if (from instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        if (tuple.getKeyNode() instanceof ScalarNode name && name.getValue().equals(key)) {
          return Optional.of(tuple.getValueNode());
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Node> item(Node from, int index) {
    if (from instanceof SequenceNode list) {
      List<Node> items = list.getValue();
      return index < items.size() ? Optional.of(items.get(index)) : Optional.empty();
    }
    return Optional.empty();
  }
}
