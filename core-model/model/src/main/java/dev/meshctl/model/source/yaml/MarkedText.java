package dev.meshctl.model.source.yaml;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.CollectionNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** A text and where the nodes read from it stand in it. Offsets are of chars, from 0. */
final class MarkedText {
  private final String text;
  private final String eol;

  MarkedText(String text) {
    this.text = text;
    this.eol = text.contains("\r\n") ? "\r\n" : "\n";
  }

  /** From {@code start} to before {@code end}. */
  record Span(int start, int end) {}

  String text() {
    return text;
  }

  /** The line end that the text uses. */
  String eol() {
    return eol;
  }

  /** The objects of a document: itself, and the items of a List. */
  static List<MappingNode> objectsOf(Node document) {
    List<MappingNode> objects = new ArrayList<>();
    if (document instanceof MappingNode mapping) {
      objects.add(mapping);
      if (YamlPath.find(mapping, "items").orElse(null) instanceof SequenceNode items) {
        items.getValue().stream()
            .filter(MappingNode.class::isInstance)
            .forEach(item -> objects.add((MappingNode) item));
      }
    }
    return objects;
  }

  int start(Node node) {
    return offset(node.getStartMark());
  }

  int column(Node node) {
    return node.getStartMark().map(Mark::getColumn).orElse(0);
  }

  boolean isFlow(Node node) {
    return node instanceof CollectionNode<?> collection
        && collection.getFlowStyle() == FlowStyle.FLOW;
  }

  /** Whether keys are written in double quotes, as in JSON. */
  boolean isQuoted(MappingNode mapping) {
    return !mapping.getValue().isEmpty()
        && mapping.getValue().getFirst().getKeyNode() instanceof ScalarNode key
        && key.getScalarStyle() == ScalarStyle.DOUBLE_QUOTED;
  }

  /** Whether a node is written within another, not elsewhere by an anchor. */
  boolean isInside(Node node, Node parent) {
    return start(node) >= start(parent) && start(node) < offset(parent.getEndMark());
  }

  /** Entries written in the mapping itself, in the order of the text; not those merged in. */
  List<NodeTuple> localEntries(MappingNode mapping) {
    return mapping.getValue().stream()
        .filter(entry -> isInside(entry.getKeyNode(), mapping))
        .sorted(Comparator.comparingInt(entry -> start(entry.getKeyNode())))
        .toList();
  }

  /**
   * Where an entry's value is written: the value itself, or the alias that stands for it. An empty
   * span directly after the colon where nothing is written.
   */
  Optional<Span> valueSpan(NodeTuple entry) {
    int colon = text.indexOf(':', offset(entry.getKeyNode().getEndMark()));
    if (colon < 0) {
      return Optional.empty();
    }
    Optional<Span> alias = aliasAt(colon + 1);
    if (alias.isPresent()) {
      return alias;
    }
    Node value = entry.getValueNode();
    int start = start(value);
    if (start <= colon) {
      return Optional.empty();
    }
    int end = value instanceof ScalarNode ? trimmedEnd(value) : contentEnd(value).orElse(-1);
    if (end < 0) {
      return Optional.empty();
    }
    return Optional.of(end <= start ? new Span(colon + 1, colon + 1) : new Span(start, end));
  }

  /** Where the last thing written in a node ends; empty where that is an alias in a list. */
  Optional<Integer> contentEnd(Node node) {
    if (isFlow(node)) {
      return Optional.of(offset(node.getEndMark()));
    }
    return switch (node) {
      case MappingNode mapping -> {
        List<NodeTuple> local = localEntries(mapping);
        yield local.isEmpty() ? Optional.empty() : valueSpan(local.getLast()).map(Span::end);
      }
      case SequenceNode list ->
          list.getValue().isEmpty() || !isInside(list.getValue().getLast(), list)
              ? Optional.empty()
              : contentEnd(list.getValue().getLast());
      default -> Optional.of(trimmedEnd(node));
    };
  }

  /** Where the line ends that an offset is in: before its line break. */
  int lineEnd(int offset) {
    int newline = text.indexOf('\n', offset);
    int end = newline < 0 ? text.length() : newline;
    return end > offset && text.charAt(end - 1) == '\r' ? end - 1 : end;
  }

  /** Where the comment lines begin that stand directly above a line; else the line itself. */
  int beforeComments(int lineStart) {
    int at = lineStart;
    while (at > 0) {
      int above = text.lastIndexOf('\n', at - 2) + 1;
      if (!text.substring(above, at).strip().startsWith("#")) {
        return at;
      }
      at = above;
    }
    return at;
  }

  /** Block scalars end after their last line break; what counts is their last character. */
  private int trimmedEnd(Node node) {
    int end = offset(node.getEndMark());
    int start = start(node);
    while (end > start && Character.isWhitespace(text.charAt(end - 1))) {
      end--;
    }
    return end;
  }

  private Optional<Span> aliasAt(int from) {
    int at = from;
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    if (at >= text.length() || text.charAt(at) != '*') {
      return Optional.empty();
    }
    int end = at;
    while (end < text.length()
        && !Character.isWhitespace(text.charAt(end))
        && ",]}".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    return Optional.of(new Span(at, end));
  }

  private int offset(Optional<Mark> mark) {
    return mark.map(m -> text.offsetByCodePoints(0, Math.min(m.getIndex(), codePoints())))
        .orElse(0);
  }

  private int codePoints() {
    return text.codePointCount(0, text.length());
  }
}
