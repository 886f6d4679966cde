package dev.meshctl.model.source.yaml;

import dev.meshctl.model.source.Position;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Edits of one resource's text at the marks of its nodes: a number is set, an entry appended;
 * comments, order, quoting and line ends stay as they are. Where the text at a place is shared with
 * another (an alias), the edit is made at the alias where it can be, and refused otherwise.
 *
 * <p>Threads: confined to one caller.
 */
public final class YamlSplice {
  private final MarkedText marked;
  private final MappingNode root;
  private final List<Edit> edits = new ArrayList<>();

  private record Edit(int start, int end, String replacement) {}

  private YamlSplice(MarkedText marked, MappingNode root) {
    this.marked = marked;
    this.root = root;
  }

  /** The object that begins at a position; empty where none does. */
  public static Optional<YamlSplice> of(String text, Position resource) {
    MarkedText marked = new MarkedText(text);
    return YamlDocuments.of(resource.source(), text).roots().stream()
        .flatMap(document -> MarkedText.objectsOf(document).stream())
        .filter(object -> YamlDocuments.at(resource.source(), object).equals(resource))
        .findFirst()
        .map(object -> new YamlSplice(marked, object));
  }

  /**
   * Sets a field of the mapping at a path to a number, adding the field as the last where it is not
   * written.
   *
   * @return false where the mapping is not written at that place of the text
   */
  public boolean setNumber(String path, String key, int number) {
    Optional<Node> found = YamlPath.find(root, path);
    if (!(found.orElse(null) instanceof MappingNode mapping)) {
      return false;
    }
    List<NodeTuple> local = marked.localEntries(mapping);
    if (local.isEmpty()) {
      return false;
    }
    for (NodeTuple entry : local) {
      if (entry.getKeyNode() instanceof ScalarNode name && name.getValue().equals(key)) {
        return replaceValue(entry, number);
      }
    }
    return addField(mapping, local, key, number);
  }

  /**
   * Appends a mapping to the list at a path, in the style of the list's last entry.
   *
   * @param fields text, numbers, or one level of such fields
   * @return false where the list is empty or not written at that place of the text
   */
  public boolean append(String path, Map<String, ?> fields) {
    Optional<Node> found = YamlPath.find(root, path);
    if (!(found.orElse(null) instanceof SequenceNode list) || list.getValue().isEmpty()) {
      return false;
    }
    Node last = list.getValue().getLast();
    if (!(last instanceof MappingNode item) || !marked.isInside(item, list)) {
      return false;
    }
    Optional<Integer> end = marked.contentEnd(item);
    if (end.isEmpty()) {
      return false;
    }
    boolean flowList = marked.isFlow(list);
    boolean flowItem = flowList || marked.isFlow(item);
    EntryText entry = new EntryText(marked.isQuoted(item), nestedInFlow(item));
    if (flowList) {
      edits.add(new Edit(end.get(), end.get(), ", " + entry.flow(fields)));
      return true;
    }
    int dash = marked.column(list);
    int lineEnd = marked.lineEnd(end.get());
    int inner = flowItem ? dash + 2 : Math.max(marked.column(item), dash + 2);
    String body = flowItem ? entry.flow(fields) : entry.block(fields, inner, marked.eol());
    String text = marked.eol() + " ".repeat(dash) + "-" + " ".repeat(inner - dash - 1) + body;
    edits.add(new Edit(lineEnd, lineEnd, text));
    return true;
  }

  /** The text with all edits made. */
  public String result() {
    StringBuilder result = new StringBuilder();
    int copied = 0;
    List<Edit> ordered = new ArrayList<>(edits);
    ordered.sort(Comparator.comparingInt(Edit::start));
    for (Edit edit : ordered) {
      result.append(marked.text(), copied, edit.start()).append(edit.replacement());
      copied = edit.end();
    }
    return result.append(marked.text(), copied, marked.text().length()).toString();
  }

  private boolean replaceValue(NodeTuple entry, int number) {
    Optional<MarkedText.Span> span = marked.valueSpan(entry);
    if (span.isEmpty()) {
      return false;
    }
    MarkedText.Span value = span.get();
    String written = value.start() == value.end() ? " " + number : String.valueOf(number);
    edits.add(new Edit(value.start(), value.end(), written));
    return true;
  }

  private boolean addField(MappingNode mapping, List<NodeTuple> local, String key, int number) {
    Optional<Integer> end = marked.contentEnd(mapping);
    if (marked.isFlow(mapping)) {
      Optional<MarkedText.Span> last = marked.valueSpan(local.getLast());
      String name = marked.isQuoted(mapping) ? "\"" + key + "\"" : key;
      last.ifPresent(
          span -> edits.add(new Edit(span.end(), span.end(), ", " + name + ": " + number)));
      return last.isPresent();
    }
    if (end.isEmpty()) {
      return false;
    }
    int lineEnd = marked.lineEnd(end.get());
    int indent = marked.column(local.getFirst().getKeyNode());
    edits.add(new Edit(lineEnd, lineEnd, marked.eol() + " ".repeat(indent) + key + ": " + number));
    return true;
  }

  /** Whether mappings within the item are written in braces. */
  private boolean nestedInFlow(MappingNode item) {
    return item.getValue().stream()
        .map(NodeTuple::getValueNode)
        .filter(MappingNode.class::isInstance)
        .findFirst()
        .map(marked::isFlow)
        .orElse(false);
  }
}
