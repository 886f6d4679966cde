package dev.meshctl.model.source;

import dev.meshctl.model.resource.MeshResource;
import java.util.Map;

/**
 * A resource with the positions of its fields. {@code fields} maps a field path as in diagnostics
 * ({@code spec.http[0].route[1].weight}) to its value's place; {@code ""} is the document itself.
 */
public record Located<R extends MeshResource>(R resource, Map<String, Position> fields) {
  public Located {
    fields = Map.copyOf(fields);
  }

  /** The place of {@code path}, or of its nearest parent that was written. */
  public Position at(String path) {
    for (String p = path; ; ) {
      Position position = fields.get(p);
      if (position != null) {
        return position;
      }
      int cut = Math.max(p.lastIndexOf('.'), p.lastIndexOf('['));
      if (p.isEmpty()) {
        throw new IllegalStateException("no root position for " + resource.id());
      }
      p = cut < 0 ? "" : p.substring(0, cut);
    }
  }
}
