package dev.meshctl.controlplane.serve.protocol;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Resources of a response that was refused without saying which of them was wrong. They are sent
 * again in halves until a refusal is about one: then the others are in force, and that one is
 * known. For n resources of which one is wrong that makes about 2 log n responses.
 *
 * <p>Thread: one at a time.
 */
final class Suspects {
  private final Deque<Set<String>> apart = new ArrayDeque<>();

  /** Of these, one at least is wrong. */
  void add(Collection<String> names) {
    List<String> all = List.copyOf(names);
    int half = all.size() / 2;
    apart.addFirst(new LinkedHashSet<>(all.subList(half, all.size())));
    apart.addFirst(new LinkedHashSet<>(all.subList(0, half)));
  }

  /** Those of {@code due} that may go out together now; all where none is suspected. */
  Collection<String> next(Collection<String> due) {
    for (Set<String> group = apart.poll(); group != null; group = apart.poll()) {
      group.retainAll(due);
      if (!group.isEmpty()) {
        return group;
      }
    }
    return due;
  }
}
