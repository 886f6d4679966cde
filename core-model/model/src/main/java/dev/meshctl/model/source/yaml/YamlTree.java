package dev.meshctl.model.source.yaml;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A node of YAML as the JSON that an API server would be sent, and JSON as YAML.
 *
 * <p>Threads: any; pure.
 */
public final class YamlTree {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z_/][A-Za-z0-9_/.-]*(:[A-Za-z0-9_/.-]+)*");
  private static final Pattern NOT_TEXT = Pattern.compile("(?i:true|false|null|yes|no|on|off|y|n)");

  private YamlTree() {}

  /** The last one of equal keys counts, as for an API server. */
  public static JsonNode of(Node node) {
    return switch (node) {
      case MappingNode mapping -> {
        ObjectNode object = JSON.objectNode();
        for (NodeTuple entry : mapping.getValue()) {
          if (entry.getKeyNode() instanceof ScalarNode key) {
            object.set(key.getValue(), of(entry.getValueNode()));
          }
        }
        yield object;
      }
      case SequenceNode list -> {
        ArrayNode array = JSON.arrayNode();
        list.getValue().forEach(item -> array.add(of(item)));
        yield array;
      }
      case ScalarNode scalar -> scalar(scalar);
      default -> JSON.nullNode();
    };
  }

  private static JsonNode scalar(ScalarNode scalar) {
    String text = scalar.getValue();
    Tag tag = scalar.getTag();
    if (scalar.getScalarStyle() != ScalarStyle.PLAIN || tag.equals(Tag.STR)) {
      return JSON.stringNode(text);
    }
    if (tag.equals(Tag.NULL)) {
      return JSON.nullNode();
    }
    if (tag.equals(Tag.BOOL)) {
      return JSON.booleanNode(Boolean.parseBoolean(text));
    }
    if (tag.equals(Tag.INT)) {
      return integer(text);
    }
    if (tag.equals(Tag.FLOAT)) {
      try {
        return JSON.numberNode(new BigDecimal(text));
      } catch (NumberFormatException infinite) {
        return JSON.stringNode(text);
      }
    }
    return JSON.stringNode(text);
  }

  private static JsonNode integer(String text) {
    BigInteger number;
    if (text.startsWith("0x")) {
      number = new BigInteger(text.substring(2), 16);
    } else if (text.startsWith("0o")) {
      number = new BigInteger(text.substring(2), 8);
    } else {
      number = new BigInteger(text.startsWith("+") ? text.substring(1) : text);
    }
    if (number.bitLength() < Integer.SIZE) {
      return JSON.numberNode(number.intValue());
    }
    return number.bitLength() < Long.SIZE
        ? JSON.numberNode(number.longValue())
        : JSON.numberNode(number);
  }

  /** One line: {@code {name: web, ports: [80]}}. */
  public static String flow(JsonNode value) {
    if (value.isObject()) {
      StringBuilder text = new StringBuilder("{");
      value
          .properties()
          .forEach(field ->
              text.append(text.length() > 1 ? ", " : "")
                  .append(word(field.getKey()))
                  .append(": ")
                  .append(flow(field.getValue())));
      return text.append('}').toString();
    }
    if (value.isArray()) {
      StringBuilder text = new StringBuilder("[");
      value.forEach(item -> text.append(text.length() > 1 ? ", " : "").append(flow(item)));
      return text.append(']').toString();
    }
    return value.isString() ? word(value.stringValue()) : value.toString();
  }

  /**
   * One field or entry a line.
   *
   * @param indent column of every line but the first, which is to stand there already
   */
  public static String block(JsonNode value, int indent, String eol) {
    String between = eol + " ".repeat(indent);
    StringBuilder text = new StringBuilder();
    if (value.isObject() && !value.isEmpty()) {
      value
          .properties()
          .forEach(field ->
              text.append(text.isEmpty() ? "" : between)
                  .append(word(field.getKey()))
                  .append(':')
                  .append(below(field.getValue(), indent, eol)));
      return text.toString();
    }
    if (value.isArray() && !value.isEmpty()) {
      value.forEach(item ->
          text.append(text.isEmpty() ? "" : between)
              .append("- ")
              .append(block(item, indent + 2, eol)));
      return text.toString();
    }
    return flow(value);
  }

  /** A field's value, with the blank or line end that comes before it. */
  static String below(JsonNode value, int indent, String eol) {
    if (value.isContainer() && !value.isEmpty()) {
      // Entries of a list stand below the key itself, as Kubernetes prints them.
      int inner = value.isArray() ? indent : indent + 2;
      return eol + " ".repeat(inner) + block(value, inner, eol);
    }
    return " " + flow(value);
  }

  static String word(String text) {
    return PLAIN.matcher(text).matches() && !NOT_TEXT.matcher(text).matches()
        ? text
        : JSON.stringNode(text).toString();
  }
}
