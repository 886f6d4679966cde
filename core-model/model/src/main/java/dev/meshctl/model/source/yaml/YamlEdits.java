package dev.meshctl.model.source.yaml;

import dev.meshctl.model.source.tree.TreeDiff;
import dev.meshctl.model.source.tree.TreeEdit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import tools.jackson.databind.JsonNode;

/**
 * Documents of a text changed to other trees, with comments, order and quoting kept where the
 * change leaves them. The result is read again: a document whose text does not say what it should
 * (an anchor shared with what was not to change, say) is written anew, without its comments.
 *
 * <p>Threads: any; pure.
 */
public final class YamlEdits {
  private final MarkedText marked;
  private final List<Edit> edits = new ArrayList<>();

  private record Edit(int start, int end, String replacement) {}

  private static final class NotWrittenThere extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotWrittenThere() {
      super("not written at that place of the text", null, false, false);
    }
  }

  private YamlEdits(String text) {
    this.marked = new MarkedText(text);
  }

  /**
   * The text with some of its documents changed.
   *
   * @param changed index of a document (those that are empty do not count) to what it is to say
   */
  public static String apply(String text, Map<Integer, JsonNode> changed) {
    List<Node> documents = YamlDocuments.of("", text).roots();
    YamlEdits all = new YamlEdits(text);
    changed.forEach((index, after) -> {
      Node document = documents.get(index);
      List<Edit> edits = isJson(all.marked, document) ? List.of() : all.editsOf(document, after);
      String tried = all.result(edits);
      List<Node> read = YamlDocuments.of("", tried).roots();
      boolean meant = read.size() == documents.size() && YamlTree.of(read.get(index)).equals(after);
      all.edits.addAll(meant ? edits : List.of(all.anew(document, after)));
    });
    return all.result(all.edits);
  }

  private static boolean isJson(MarkedText marked, Node document) {
    return document instanceof MappingNode object
        && marked.isFlow(object)
        && marked.isQuoted(object);
  }

  private List<Edit> editsOf(Node document, JsonNode after) {
    List<Edit> made = new ArrayList<>();
    for (TreeEdit edit : TreeDiff.between(YamlTree.of(document), after)) {
      try {
        Node at = find(document, edit.path());
        made.add(
            switch (edit) {
              case TreeEdit.Put(var path, var key, var value) -> put(at, key, value);
              case TreeEdit.Insert(var path, var index, var value) -> insert(at, index, value);
              case TreeEdit.Set(var path, var value) -> set(document, path, at, value);
            });
      } catch (NotWrittenThere shared) {
        return List.of();
      }
    }
    return made;
  }

  private static Node find(Node root, List<Object> path) {
    Node at = root;
    for (Object step : path) {
      at =
          switch (at) {
            case MappingNode mapping -> entry(mapping, step).getValueNode();
            case SequenceNode list when step instanceof Integer index -> list.getValue().get(index);
            default -> throw new NotWrittenThere();
          };
    }
    return at;
  }

  private static NodeTuple entry(MappingNode mapping, Object key) {
    return mapping.getValue().reversed().stream()
        .filter(
            entry -> entry.getKeyNode() instanceof ScalarNode name && name.getValue().equals(key))
        .findFirst()
        .orElseThrow(NotWrittenThere::new);
  }

  private Edit put(Node at, String key, JsonNode value) {
    if (!(at instanceof MappingNode mapping)) {
      throw new NotWrittenThere();
    }
    List<NodeTuple> local = marked.localEntries(mapping);
    if (marked.isFlow(mapping)) {
      int end = local.isEmpty() ? marked.start(mapping) + 1 : endOfEntry(local.getLast());
      String comma = local.isEmpty() ? "" : ", ";
      return new Edit(end, end, comma + YamlTree.word(key) + ": " + YamlTree.flow(value));
    }
    if (local.isEmpty()) {
      throw new NotWrittenThere();
    }
    int indent = marked.column(local.getFirst().getKeyNode());
    int end = lineEndAfter(endOfEntry(local.getLast()));
    String text = YamlTree.word(key) + ":" + YamlTree.below(value, indent, marked.eol());
    return new Edit(end, end, marked.eol() + " ".repeat(indent) + text);
  }

  private Edit insert(Node at, int index, JsonNode value) {
    if (!(at instanceof SequenceNode list)) {
      throw new NotWrittenThere();
    }
    List<Node> items = list.getValue();
    if (marked.isFlow(list)) {
      if (index == 0) {
        int open = marked.start(list) + 1;
        return new Edit(open, open, YamlTree.flow(value) + (items.isEmpty() ? "" : ", "));
      }
      int end = marked.contentEnd(items.get(index - 1)).orElseThrow(NotWrittenThere::new);
      return new Edit(end, end, ", " + YamlTree.flow(value));
    }
    int dash = marked.column(list);
    String entry = "- " + YamlTree.block(value, dash + 2, marked.eol());
    if (index == 0) {
      int line = marked.beforeComments(marked.start(list) - dash);
      return new Edit(line, line, " ".repeat(dash) + entry + marked.eol());
    }
    Node before = items.get(index - 1);
    if (!marked.isInside(before, list)) {
      throw new NotWrittenThere();
    }
    int end = lineEndAfter(marked.contentEnd(before).orElseThrow(NotWrittenThere::new));
    return new Edit(end, end, marked.eol() + " ".repeat(dash) + entry);
  }

  private Edit set(Node document, List<Object> path, Node at, JsonNode value) {
    if (path.isEmpty()) {
      return anew(document, value);
    }
    Node parent = find(document, path.subList(0, path.size() - 1));
    if (parent instanceof MappingNode mapping) {
      NodeTuple entry = entry(mapping, path.getLast());
      MarkedText.Span span = marked.valueSpan(entry).orElseThrow(NotWrittenThere::new);
      if (span.start() == span.end()) {
        String below = YamlTree.below(value, marked.column(entry.getKeyNode()), marked.eol());
        return new Edit(span.start(), span.end(), below);
      }
    }
    if (!marked.isInside(at, parent)) {
      throw new NotWrittenThere();
    }
    int start = marked.start(at);
    int end = marked.contentEnd(at).orElseThrow(NotWrittenThere::new);
    boolean block = at instanceof MappingNode && !marked.isFlow(at) && value.isContainer();
    return new Edit(
        start,
        end,
        block ? YamlTree.block(value, marked.column(at), marked.eol()) : YamlTree.flow(value));
  }

  private Edit anew(Node document, JsonNode value) {
    int start = marked.start(document);
    int end = marked.contentEnd(document).orElseGet(() -> marked.lineEnd(start));
    return new Edit(
        start,
        end,
        isJson(marked, document)
            ? value.toPrettyString()
            : YamlTree.block(value, marked.column(document), marked.eol()));
  }

  private int endOfEntry(NodeTuple entry) {
    return marked.valueSpan(entry).map(MarkedText.Span::end).orElseThrow(NotWrittenThere::new);
  }

  /** A comment behind the last word stays with it. */
  private int lineEndAfter(int offset) {
    return marked.lineEnd(offset);
  }

  private String result(List<Edit> made) {
    StringBuilder result = new StringBuilder();
    int copied = 0;
    List<Edit> ordered = new ArrayList<>(made);
    ordered.sort(Comparator.comparingInt(Edit::start));
    for (Edit edit : ordered) {
      if (edit.start() < copied) {
        return "";
      }
      result.append(marked.text(), copied, edit.start()).append(edit.replacement());
      copied = edit.end();
    }
    return result.append(marked.text(), copied, marked.text().length()).toString();
  }
}
