package dev.meshctl.model.source.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The edits that lead from one tree to another. Mappings that only gain are edited field by field,
 * lists that only gain entry by entry, and entries that carry a {@code name} are known by it; what
 * loses something is replaced as a whole.
 */
public final class TreeDiff {
  private final List<TreeEdit> edits = new ArrayList<>();

  private TreeDiff() {}

  /** In the order of the text; empty where the trees are equal. */
  public static List<TreeEdit> between(JsonNode before, JsonNode after) {
    TreeDiff diff = new TreeDiff();
    diff.compare(List.of(), before, after);
    return diff.edits;
  }

  private void compare(List<Object> path, JsonNode before, JsonNode after) {
    if (before.equals(after)) {
      return;
    }
    if (before.isObject() && after.isObject() && keepsAll(before, after)) {
      compareFields(path, before, after);
      return;
    }
    if (before.isArray() && after.isArray()) {
      Optional<int[]> places = places(before, after);
      if (places.isPresent()) {
        compareEntries(path, before, after, places.get());
        return;
      }
    }
    edits.add(new TreeEdit.Set(path, after));
  }

  private static boolean keepsAll(JsonNode before, JsonNode after) {
    return before.propertyNames().stream().allMatch(after::has);
  }

  private void compareFields(List<Object> path, JsonNode before, JsonNode after) {
    for (Map.Entry<String, JsonNode> field : after.properties()) {
      JsonNode old = before.get(field.getKey());
      if (old != null) {
        compare(with(path, field.getKey()), old, field.getValue());
      }
    }
    for (Map.Entry<String, JsonNode> field : after.properties()) {
      if (!before.has(field.getKey())) {
        edits.add(new TreeEdit.Put(path, field.getKey(), field.getValue()));
      }
    }
  }

  /** Where each entry of the old list is in the new one; empty where one is gone or moved. */
  private static Optional<int[]> places(JsonNode before, JsonNode after) {
    int[] places = new int[before.size()];
    int next = 0;
    for (int i = 0; i < before.size(); i++) {
      while (next < after.size() && !isSameEntry(before.get(i), after.get(next))) {
        next++;
      }
      if (next == after.size()) {
        return Optional.empty();
      }
      places[i] = next++;
    }
    return Optional.of(places);
  }

  private static boolean isSameEntry(JsonNode before, JsonNode after) {
    return before.equals(after)
        || (before.path("name").isString() && before.path("name").equals(after.path("name")));
  }

  private void compareEntries(List<Object> path, JsonNode before, JsonNode after, int[] places) {
    int next = 0;
    for (int i = 0; i < before.size(); i++) {
      while (next < places[i]) {
        edits.add(new TreeEdit.Insert(path, i, after.get(next++)));
      }
      compare(with(path, i), before.get(i), after.get(next++));
    }
    while (next < after.size()) {
      edits.add(new TreeEdit.Insert(path, before.size(), after.get(next++)));
    }
  }

  private static List<Object> with(List<Object> path, Object step) {
    List<Object> longer = new ArrayList<>(path);
    longer.add(step);
    return longer;
  }
}
