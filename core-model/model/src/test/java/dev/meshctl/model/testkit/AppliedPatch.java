package dev.meshctl.model.testkit;

import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What an API server makes of a JSON Patch of {@code add} and {@code replace} (RFC 6902). */
public final class AppliedPatch {
  private AppliedPatch() {}

  /** The patched tree; the one given stays as it is. */
  public static JsonNode to(JsonNode before, JsonNode patch) {
    JsonNode tree = before.deepCopy();
    for (JsonNode operation : patch) {
      JsonPointer path = JsonPointer.compile(operation.path("path").stringValue());
      JsonNode value = operation.path("value").deepCopy();
      if (path.matches()) {
        tree = value;
        continue;
      }
      boolean add = operation.path("op").stringValue().equals("add");
      String last = path.last().getMatchingProperty();
      switch (tree.at(path.head())) {
        case ObjectNode object when add || object.has(last) -> object.set(last, value);
        case ArrayNode list when add -> list.insert(Integer.parseInt(last), value);
        case ArrayNode list when list.has(Integer.parseInt(last)) ->
            list.set(Integer.parseInt(last), value);
        default -> throw new IllegalArgumentException("cannot be applied: " + operation);
      }
    }
    return tree;
  }
}
