package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.http.HeaderBlock;
import dev.meshctl.model.match.CompiledHeaders;
import dev.meshctl.model.match.CompiledHeaders.Conditional;
import dev.meshctl.model.match.HeaderFormat;
import java.util.List;

/** Applies compiled header changes to a head. */
final class HeaderEdits {
  private HeaderEdits() {}

  static void apply(List<CompiledHeaders> changes, HeaderBlock head, HeaderFormat.Source source) {
    for (int i = 0; i < changes.size(); i++) {
      apply(changes.get(i), head, source);
    }
  }

  static void apply(CompiledHeaders changes, HeaderBlock head, HeaderFormat.Source source) {
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
    List<Conditional> conditionals = changes.conditionals();
    for (int i = 0; i < conditionals.size(); i++) {
      apply(conditionals.get(i), head, source);
    }
  }

  private static void apply(Conditional change, HeaderBlock head, HeaderFormat.Source source) {
    String value = change.value().apply(source);
    if (value.isEmpty() && !change.keepEmpty()) {
      return;
    }
    switch (change.when()) {
      case ALWAYS_SET -> head.set(change.name(), value);
      case ALWAYS_ADD -> head.add(change.name(), value);
      case IF_ABSENT -> {
        if (head.find(change.name(), 0) < 0) {
          head.add(change.name(), value);
        }
      }
      case IF_PRESENT -> {
        if (head.find(change.name(), 0) >= 0) {
          head.set(change.name(), value);
        }
      }
    }
  }
}
