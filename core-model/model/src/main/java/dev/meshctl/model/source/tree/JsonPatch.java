package dev.meshctl.model.source.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Edits as a JSON Patch (RFC 6902), which is what an admission webhook answers. */
public final class JsonPatch {
  private JsonPatch() {}

  /** The operations that lead from one tree to another; empty where they are equal. */
  public static ArrayNode between(JsonNode before, JsonNode after) {
    // From the end, because each operation sees what those before it left: an entry that is added
    // moves those behind it.
    List<ObjectNode> operations = new ArrayList<>();
    int at = 0;
    Optional<List<Object>> putTo = Optional.empty();
    for (TreeEdit edit : TreeDiff.between(before, after)) {
      Optional<List<Object>> puts =
          edit instanceof TreeEdit.Put ? Optional.of(edit.path()) : Optional.empty();
      // Fields of one mapping keep the order in which they are to stand.
      at = puts.isPresent() && puts.equals(putTo) ? at + 1 : 0;
      putTo = puts;
      operations.add(
          at,
          switch (edit) {
            case TreeEdit.Put(var path, var key, var value) ->
                operation("add", pointer(path) + "/" + escaped(key), value);
            case TreeEdit.Insert(var path, var index, var value) ->
                operation("add", pointer(path) + "/" + index, value);
            case TreeEdit.Set(var path, var value) -> operation("replace", pointer(path), value);
          });
    }
    return JsonNodeFactory.instance.arrayNode().addAll(operations);
  }

  private static ObjectNode operation(String op, String path, JsonNode value) {
    ObjectNode operation = JsonNodeFactory.instance.objectNode();
    operation.put("op", op).put("path", path).set("value", value);
    return operation;
  }

  /** RFC 6901. */
  private static String pointer(List<Object> path) {
    StringBuilder pointer = new StringBuilder();
    path.forEach(step -> pointer.append('/').append(escaped(step.toString())));
    return pointer.toString();
  }

  private static String escaped(String step) {
    return step.replace("~", "~0").replace("/", "~1");
  }
}
