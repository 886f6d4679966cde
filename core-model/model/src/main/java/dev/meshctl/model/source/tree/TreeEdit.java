package dev.meshctl.model.source.tree;

import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * One of the edits that lead from a tree to another. Paths lead through the tree as it was. Edits
 * come in the order of the text: entries of a list from the first, fields that are there before
 * those that are added.
 */
public sealed interface TreeEdit {
  /** Names of fields and indexes of entries ({@link Integer}), from the root. */
  List<Object> path();

  /** A mapping at {@code path} gets a field that it has not. */
  record Put(List<Object> path, String key, JsonNode value) implements TreeEdit {
    public Put {
      path = List.copyOf(path);
    }
  }

  /**
   * A list at {@code path} gets an entry before the one at {@code index}, which may be its size.
   */
  record Insert(List<Object> path, int index, JsonNode value) implements TreeEdit {
    public Insert {
      path = List.copyOf(path);
    }
  }

  /** What stands at {@code path} is replaced. */
  record Set(List<Object> path, JsonNode value) implements TreeEdit {
    public Set {
      path = List.copyOf(path);
    }
  }
}
