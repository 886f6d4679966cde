package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.http.HeaderBlock;
import dev.meshctl.model.match.CompiledHeaders;
import dev.meshctl.model.match.CompiledHeaders.Conditional;
import dev.meshctl.model.match.HeaderFormat;
import java.util.ArrayList;
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
    if (!changes.conditionals().isEmpty()) {
      apply(due(changes.conditionals(), head, source), head);
    }
  }

  /** What is to be done, by the head as it is before any of it. */
  private static List<Due> due(
      List<Conditional> conditionals, HeaderBlock head, HeaderFormat.Source source) {
    List<Due> due = new ArrayList<>(conditionals.size());
    for (int i = 0; i < conditionals.size(); i++) {
      Conditional change = conditionals.get(i);
      String value = change.value().apply(source);
      if (value.isEmpty() && !change.keepEmpty()) {
        continue;
      }
      boolean there = head.find(change.name(), 0) >= 0;
      switch (change.when()) {
        case ALWAYS_SET -> due.add(new Due(change.name(), value, true));
        case ALWAYS_ADD -> due.add(new Due(change.name(), value, false));
        case IF_ABSENT -> {
          if (!there) {
            due.add(new Due(change.name(), value, false));
          }
        }
        case IF_PRESENT -> {
          if (there) {
            due.add(new Due(change.name(), value, true));
          }
        }
      }
    }
    return due;
  }

  /** A header to set, in place of those of its name, or to add to them. */
  private record Due(String name, String value, boolean sets) {}

  private static void apply(List<Due> due, HeaderBlock head) {
    for (int i = 0; i < due.size(); i++) {
      Due one = due.get(i);
      if (one.sets()) {
        head.set(one.name(), one.value());
      }
    }
    for (int i = 0; i < due.size(); i++) {
      Due one = due.get(i);
      if (!one.sets()) {
        head.add(one.name(), one.value());
      }
    }
  }
}
