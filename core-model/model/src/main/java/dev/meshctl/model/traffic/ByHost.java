package dev.meshctl.model.traffic;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Resources by the hosts they speak for, so that one look-up does not read them all.
 *
 * <p>Threads: filled by one, then read by any.
 */
final class ByHost<R> {
  private final Map<String, List<Entry<R>>> exact = new HashMap<>();
  private final List<Entry<R>> wildcards = new ArrayList<>();
  private int size;

  private record Entry<R>(int order, String host, R resource) {}

  /** Adds a resource with its full hosts, of which some may be wildcards. */
  void add(R resource, List<String> hosts) {
    int order = size++;
    for (String host : hosts) {
      Entry<R> entry = new Entry<>(order, host, resource);
      if (HostNames.isWildcard(host)) {
        wildcards.add(entry);
      } else {
        exact.computeIfAbsent(host.toLowerCase(Locale.ROOT), h -> new ArrayList<>()).add(entry);
      }
    }
  }

  /** All that match {@code host}, in the order they were added. */
  List<R> matching(String host) {
    List<Entry<R>> found =
        new ArrayList<>(exact.getOrDefault(host.toLowerCase(Locale.ROOT), List.of()));
    for (Entry<R> entry : wildcards) {
      if (HostNames.matches(entry.host, host)) {
        found.add(entry);
      }
    }
    return found.stream()
        .sorted(Comparator.comparingInt(Entry::order))
        .map(Entry::resource)
        .distinct()
        .toList();
  }
}
