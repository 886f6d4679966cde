package dev.meshctl.model.source.yaml;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import tools.jackson.databind.JsonNode;

/**
 * A JSON tree as the nodes that reading its YAML would give, with the places that {@code kubectl
 * get -o yaml} shows: keys in order, lists not indented below their key. The text itself is never
 * made.
 */
public final class TreeNodes {
  private static final int INDENT = 2;
  private static final int[] NO_TEXT = {};

  private final String sourceName;
  private int line;

  private TreeNodes(String sourceName) {
    this.sourceName = sourceName;
  }

  /** {@code sourceName} names the tree in positions. */
  public static Node of(String sourceName, JsonNode tree) {
    return new TreeNodes(sourceName).node(tree, 0, 0);
  }

  /**
   * At the line where we are; leaves the line at the node's last.
   *
   * @param indent of what is written below on lines of its own
   */
  private Node node(JsonNode tree, int column, int indent) {
    if (tree.isObject()) {
      return mapping(tree, column);
    }
    if (tree.isArray()) {
      return sequence(tree, column);
    }
    return scalar(tree, column, indent);
  }

  private Node mapping(JsonNode tree, int column) {
    Optional<Mark> start = mark(column);
    List<NodeTuple> entries = new ArrayList<>();
    TreeMap<String, JsonNode> sorted = new TreeMap<>();
    tree.forEachEntry(sorted::put);
    boolean first = true;
    for (var entry : sorted.entrySet()) {
      if (!first) {
        line++;
      }
      first = false;
      String key = entry.getKey();
      Node keyNode =
          new ScalarNode(Tag.STR, true, key, ScalarStyle.PLAIN, mark(column), Optional.empty());
      entries.add(new NodeTuple(keyNode, value(entry.getValue(), column, key.length())));
    }
    return new MappingNode(Tag.MAP, true, entries, FlowStyle.BLOCK, start, Optional.empty());
  }

  private Node value(JsonNode value, int column, int keyLength) {
    if (value.isObject() && !value.isEmpty()) {
      line++;
      return node(value, column + INDENT, column + INDENT);
    }
    if (value.isArray() && !value.isEmpty()) {
      line++;
      return node(value, column, column);
    }
    return node(value, column + keyLength + ": ".length(), column + INDENT);
  }

  private Node sequence(JsonNode tree, int column) {
    Optional<Mark> start = mark(column);
    List<Node> items = new ArrayList<>();
    for (JsonNode item : tree) {
      if (!items.isEmpty()) {
        line++;
      }
      items.add(node(item, column + "- ".length(), column + INDENT));
    }
    return new SequenceNode(Tag.SEQ, true, items, FlowStyle.BLOCK, start, Optional.empty());
  }

  private Node scalar(JsonNode tree, int column, int indent) {
    if (tree.isString() && tree.stringValue().indexOf('\n') >= 0) {
      return block(tree.stringValue(), column, indent);
    }
    return new ScalarNode(
        tag(tree),
        true,
        tree.isNull() ? "null" : tree.asString(),
        ScalarStyle.PLAIN,
        mark(column),
        Optional.empty());
  }

  /** Lines of its own below the one where {@code |} stands. */
  private Node block(String text, int column, int indent) {
    // What a reader of nested text looks at: the indicator, then the blanks before the first line.
    int[] written = new int[2 + indent + 1];
    java.util.Arrays.fill(written, ' ');
    written[0] = '|';
    written[1] = '\n';
    written[2 + indent] = 'x';
    Mark start = new Mark(sourceName, 0, line, column, written, 0);
    line += (int) text.chars().filter(c -> c == '\n').count() + (text.endsWith("\n") ? 0 : 1);
    return new ScalarNode(
        Tag.STR, true, text, ScalarStyle.LITERAL, Optional.of(start), Optional.empty());
  }

  private static Tag tag(JsonNode tree) {
    return switch (tree.getNodeType()) {
      case NUMBER -> tree.isIntegralNumber() ? Tag.INT : Tag.FLOAT;
      case BOOLEAN -> Tag.BOOL;
      case NULL, MISSING -> Tag.NULL;
      case STRING, BINARY, POJO, OBJECT, ARRAY -> Tag.STR;
    };
  }

  private Optional<Mark> mark(int column) {
    return Optional.of(new Mark(sourceName, 0, line, column, NO_TEXT, 0));
  }
}
