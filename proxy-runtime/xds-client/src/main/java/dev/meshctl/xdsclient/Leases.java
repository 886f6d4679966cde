package dev.meshctl.xdsclient;

import dev.meshctl.model.xds.ResourceType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Resources that are held for a time only ({@code Resource.ttl}), and until when.
 *
 * <p>Thread: one at a time.
 */
final class Leases {
  /** By {@link System#nanoTime}: only differences say anything. */
  private final Map<Lent, Long> endNanos = new HashMap<>();

  record Lent(ResourceType type, String name) {}

  /**
   * @param ttlNanos 0 for as long as nothing else is said
   */
  void lend(ResourceType type, String name, long ttlNanos, long nowNanos) {
    if (ttlNanos > 0) {
      endNanos.put(new Lent(type, name), nowNanos + ttlNanos);
    } else {
      end(type, name);
    }
  }

  void end(ResourceType type, String name) {
    endNanos.remove(new Lent(type, name));
  }

  /** Of this type, nothing else is held. */
  void retain(ResourceType type, Collection<String> names) {
    endNanos.keySet().removeIf(lent -> lent.type == type && !names.contains(lent.name));
  }

  /** Until the first ends, 0 or less where it has; empty where nothing is lent. */
  OptionalLong remainingNanos(long nowNanos) {
    return endNanos.values().stream().mapToLong(end -> end - nowNanos).min();
  }

  /** What has run out, once. */
  List<Lent> takeEnded(long nowNanos) {
    List<Lent> ended = new ArrayList<>();
    endNanos.forEach((lent, end) -> {
      if (end - nowNanos <= 0) {
        ended.add(lent);
      }
    });
    ended.forEach(endNanos::remove);
    return ended;
  }
}
