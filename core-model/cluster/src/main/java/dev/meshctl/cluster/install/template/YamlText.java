package dev.meshctl.cluster.install.template;

import static java.util.stream.Collectors.joining;

import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/**
 * YAML as people write it: blocks, strings in quotes only where they would be taken for something
 * else, by YAML 1.1 too, as kubectl reads it.
 */
public final class YamlText {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z/_$][A-Za-z0-9/._$-]*");
  private static final Pattern WORD =
      Pattern.compile("(?i)y|n|yes|no|on|off|true|false|null|nan|\\.nan|inf");

  private static final int LINE = 100;

  /** Text that a block shows as it is. */
  private static final Pattern LINES =
      Pattern.compile("[^\\p{Cntrl} ][^\\p{Cntrl}]*\n([^\\p{Cntrl}]+\n)+");

  private final StringBuilder out = new StringBuilder();

  private YamlText() {}

  /** One document. */
  public static String of(JsonNode tree) {
    YamlText text = new YamlText();
    text.block(tree, "", "");
    return text.out.toString();
  }

  /** A scalar, an empty map, or a list of scalars. */
  static String scalar(JsonNode value) {
    if (value.isArray()) {
      return value.valueStream().map(YamlText::scalar).collect(joining(", ", "[", "]"));
    }
    return value.isString() ? string(value.stringValue()) : value.toString();
  }

  private static boolean fitsALine(JsonNode value) {
    return !value.isContainer()
        || value.isEmpty()
        || value.isArray()
            && value.valueStream().noneMatch(JsonNode::isContainer)
            && scalar(value).length() <= LINE;
  }

  static String string(String value) {
    return isPlain(value) ? value : StringNode.valueOf(value).toString();
  }

  private static boolean isPlain(String value) {
    return PLAIN.matcher(value).matches() && !WORD.matcher(value).matches();
  }

  /**
   * @param first what the first line begins with: the indent, or what comes after a dash
   * @param indent of the other lines
   */
  private void block(JsonNode tree, String first, String indent) {
    String[] begin = {first};
    if (tree.isObject()) {
      tree.forEachEntry((key, value) -> {
        out.append(begin[0]).append(string(key)).append(':');
        after(value, indent);
        begin[0] = indent;
      });
    } else {
      for (JsonNode item : tree) {
        out.append(begin[0]).append('-');
        if (!fitsALine(item)) {
          block(item, " ", indent + "  ");
        } else {
          out.append(' ').append(scalar(item)).append('\n');
        }
        begin[0] = indent;
      }
    }
  }

  private void after(JsonNode value, String indent) {
    if (value.isString() && LINES.matcher(value.stringValue()).matches()) {
      out.append(" |\n");
      value
          .stringValue()
          .lines()
          .forEach(line -> out.append(indent).append("  ").append(line).append('\n'));
      return;
    }
    if (fitsALine(value)) {
      out.append(' ').append(scalar(value)).append('\n');
    } else {
      String deeper = value.isArray() ? indent : indent + "  ";
      out.append('\n');
      block(value, deeper, deeper);
    }
  }
}
