package dev.meshctl.model.source.yaml;

import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A JSON tree as YAML, in the layout whose places {@link TreeNodes} tells: keys in order, lists not
 * indented below their key.
 */
public final class TreeText {
  private static final int INDENT = 2;

  /** Reads as text without quotes, whoever reads it. */
  private static final Pattern PLAIN =
      Pattern.compile("(?!(?i:true|false|yes|no|on|off|y|n|null)$)[A-Za-z_/][A-Za-z0-9_./@+=-]*");

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final StringBuilder out = new StringBuilder();

  private TreeText() {}

  /** Ends with a line end. */
  public static String of(JsonNode tree) {
    TreeText text = new TreeText();
    text.node(tree, 0, 0);
    return text.out.append('\n').toString();
  }

  /** Where the line is; leaves the line at the node's last. */
  private void node(JsonNode tree, int column, int indent) {
    if (tree.isObject() && !tree.isEmpty()) {
      mapping(tree, column);
    } else if (tree.isArray() && !tree.isEmpty()) {
      sequence(tree, column);
    } else if (tree.isObject()) {
      out.append("{}");
    } else if (tree.isArray()) {
      out.append("[]");
    } else if (tree.isString()) {
      string(tree.stringValue(), indent);
    } else {
      out.append(tree.isNull() ? "null" : tree.asString());
    }
  }

  private void mapping(JsonNode tree, int column) {
    TreeMap<String, JsonNode> sorted = new TreeMap<>();
    tree.forEachEntry(sorted::put);
    boolean first = true;
    for (var entry : sorted.entrySet()) {
      if (!first) {
        newLine(column);
      }
      first = false;
      string(entry.getKey(), column + INDENT);
      out.append(':');
      JsonNode value = entry.getValue();
      if (value.isObject() && !value.isEmpty()) {
        newLine(column + INDENT);
        node(value, column + INDENT, column + INDENT);
      } else if (value.isArray() && !value.isEmpty()) {
        newLine(column);
        node(value, column, column);
      } else {
        out.append(' ');
        node(value, column, column + INDENT);
      }
    }
  }

  private void sequence(JsonNode tree, int column) {
    boolean first = true;
    for (JsonNode item : tree) {
      if (!first) {
        newLine(column);
      }
      first = false;
      out.append("- ");
      node(item, column + INDENT, column + INDENT);
    }
  }

  private void string(String text, int indent) {
    if (text.indexOf('\n') >= 0 && text.chars().allMatch(c -> c == '\n' || c == '\t' || c >= ' ')) {
      block(text, indent);
    } else if (PLAIN.matcher(text).matches()) {
      out.append(text);
    } else {
      // JSON's strings are YAML's, too.
      out.append(JSON.writeValueAsString(text));
    }
  }

  private void block(String text, int indent) {
    out.append('|');
    if (text.startsWith(" ") || text.startsWith("\n")) {
      out.append(INDENT);
    }
    boolean ended = text.endsWith("\n");
    out.append(ended ? (text.endsWith("\n\n") ? "+" : "") : "-");
    String body = ended ? text.substring(0, text.length() - 1) : text;
    for (String line : body.split("\n", -1)) {
      newLine(line.isEmpty() ? 0 : indent);
      out.append(line);
    }
  }

  private void newLine(int column) {
    out.append('\n').repeat(' ', column);
  }
}
