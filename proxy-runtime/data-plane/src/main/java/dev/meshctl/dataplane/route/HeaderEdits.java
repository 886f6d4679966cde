package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.http.HeaderBlock;
import dev.meshctl.model.match.CompiledHeaders;
import java.util.List;

/** Applies compiled header changes to a head. */
final class HeaderEdits {
  private HeaderEdits() {}

  static void apply(CompiledHeaders changes, HeaderBlock head) {
    if (changes.isEmpty()) {
      return;
    }
    if (changes.dropsAny()) {
      head.removeWhere(changes::drops);
    }
    List<CompiledHeaders.Field> fields = changes.fields();
    for (int i = 0; i < fields.size(); i++) {
      head.add(fields.get(i).name(), fields.get(i).value());
    }
  }
}
