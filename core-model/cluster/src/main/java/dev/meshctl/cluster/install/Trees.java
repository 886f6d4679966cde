package dev.meshctl.cluster.install;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** YAML as trees. */
final class Trees {
  private static final YAMLMapper YAML = YAMLMapper.builder().build();

  private Trees() {}

  /**
   * @throws tools.jackson.core.JacksonException where it is no YAML
   */
  static JsonNode parse(String yaml) {
    return YAML.readTree(yaml);
  }

  /** All documents of a file that are not empty. */
  static List<JsonNode> documents(String yaml) {
    List<JsonNode> documents = new ArrayList<>();
    try (MappingIterator<JsonNode> each = YAML.readerFor(JsonNode.class).readValues(yaml)) {
      while (each.hasNextValue()) {
        JsonNode document = each.nextValue();
        if (!document.isNull() && !document.isMissingNode()) {
          documents.add(document);
        }
      }
    }
    return documents;
  }

  /** The object that holds the last step of {@code path}, made if need be. */
  static ObjectNode parent(ObjectNode root, List<String> path) {
    ObjectNode at = root;
    for (String step : path.subList(0, path.size() - 1)) {
      at = at.get(step) instanceof ObjectNode there ? there : at.putObject(step);
    }
    return at;
  }

  /** Maps are joined, key by key, and null takes one out; all else is replaced. */
  static JsonNode merged(JsonNode under, JsonNode over) {
    if (!(under instanceof ObjectNode object) || !over.isObject()) {
      return over;
    }
    ObjectNode merged = object.deepCopy();
    over.forEachEntry((key, value) -> {
      if (value.isNull()) {
        merged.remove(key);
      } else {
        merged.set(key, merged(merged.path(key), value));
      }
    });
    return merged;
  }

  /** What is at {@code path}; missing where nothing is. */
  static JsonNode at(JsonNode root, List<String> path) {
    JsonNode at = root;
    for (String step : path) {
      at = at.path(step);
    }
    return at;
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
