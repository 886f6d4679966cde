package dev.meshctl.model.resource;

import java.util.List;
import java.util.Map;

/** Header changes on request and response: set replaces, add appends. */
public record HeaderEdits(Edits request, Edits response) {
  public static final HeaderEdits NONE = new HeaderEdits(Edits.NONE, Edits.NONE);

  public record Edits(Map<String, String> set, Map<String, String> add, List<String> remove) {
    public static final Edits NONE = new Edits(Map.of(), Map.of(), List.of());

    public Edits {
      set = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(set));
      add = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(add));
      remove = List.copyOf(remove);
    }

    public boolean isEmpty() {
      return set.isEmpty() && add.isEmpty() && remove.isEmpty();
    }
  }
}
