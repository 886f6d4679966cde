package dev.meshctl.injector.mutation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Trees written down in Java. */
final class Trees {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private Trees() {}

  /**
   * {@code object("name", "web", "ports", list(80))}; a field whose value is an empty text is left
   * out.
   */
  static ObjectNode object(Object... keysAndValues) {
    ObjectNode object = JSON.objectNode();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      if (!keysAndValues[i + 1].equals("")) {
        object.set((String) keysAndValues[i], value(keysAndValues[i + 1]));
      }
    }
    return object;
  }

  static ArrayNode list(Object... values) {
    ArrayNode list = JSON.arrayNode();
    for (Object value : values) {
      list.add(value(value));
    }
    return list;
  }

  private static JsonNode value(Object value) {
    return switch (value) {
      case JsonNode node -> node;
      case String text -> JSON.stringNode(text);
      case Integer number -> JSON.numberNode(number);
      case Boolean truth -> JSON.booleanNode(truth);
      case List<?> list -> list(list.toArray());
      default -> throw new IllegalArgumentException("no tree: " + value.getClass());
    };
  }

  /** A mapping's texts; other values are left out. */
  static Map<String, String> texts(JsonNode mapping) {
    Map<String, String> texts = new LinkedHashMap<>();
    mapping
        .properties()
        .forEach(field -> {
          if (field.getValue().isString()) {
            texts.put(field.getKey(), field.getValue().stringValue());
          }
        });
    return texts;
  }

  static String text(JsonNode object, String field) {
    JsonNode value = object.path(field);
    return value.isString() ? value.stringValue() : "";
  }

  /** The mapping in a field, made where there is none. */
  static ObjectNode mapping(ObjectNode object, String field) {
    return object.get(field) instanceof ObjectNode mapping ? mapping : object.putObject(field);
  }

  /** The list in a field, made where there is none. */
  static ArrayNode entries(ObjectNode object, String field) {
    return object.get(field) instanceof ArrayNode list ? list : object.putArray(field);
  }
}
