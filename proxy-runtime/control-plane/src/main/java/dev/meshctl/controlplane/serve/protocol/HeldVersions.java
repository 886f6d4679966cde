package dev.meshctl.controlplane.serve.protocol;

import dev.meshctl.controlplane.serve.encoded.EncodedSnapshot;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ResourceType;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which version of each resource of a type a proxy has. Thousands of proxies that are in step have
 * the same, so each remembers the snapshot that all of them are in step with, and where it differs.
 *
 * <p>Thread: one at a time.
 */
final class HeldVersions {
  private static final String NONE = "";

  private final ResourceType type;
  private final Predicate<String> wants;
  private @Nullable EncodedSnapshot base;

  /** Versions that are not those of {@link #base}; {@link #NONE} where it has none. */
  private Map<String, String> other = new HashMap<>();

  /**
   * @param wants names that the proxy has asked for: of {@link #settle} only they count
   */
  HeldVersions(ResourceType type, Predicate<String> wants) {
    this.type = type;
    this.wants = wants;
  }

  /** Null where the proxy has none. */
  @Nullable String get(String name) {
    String own = other.get(name);
    if (own != null) {
      return own.equals(NONE) ? null : own;
    }
    if (base == null || !wants.test(name)) {
      return null;
    }
    EncodedResource same = base.find(type, name);
    return same == null ? null : same.version();
  }

  void put(String name, String version) {
    other.put(name, version);
  }

  void remove(String name) {
    if (base == null) {
      other.remove(name);
    } else {
      other.put(name, NONE);
    }
  }

  /** What it has is what it wants of {@code snapshot}. */
  void settle(EncodedSnapshot snapshot) {
    base = snapshot;
    if (!other.isEmpty()) {
      // A cleared map would keep the room of its largest day.
      other = new HashMap<>();
    }
  }

  /** Wants are about to grow by names that it does not have: what it has is written down. */
  void beforeWantingMore() {
    writeDown();
  }

  /** It has none of those versions any more. */
  void forget(Predicate<String> versions) {
    writeDown();
    other.values().removeIf(versions);
  }

  private void writeDown() {
    Set<String> names = names();
    Map<String, String> all = new HashMap<>();
    for (String name : names) {
      String version = get(name);
      if (version != null) {
        all.put(name, version);
      }
    }
    base = null;
    other = all;
  }

  void retainOnly(Collection<String> names) {
    other.keySet().retainAll(names);
  }

  /** Names of which it has some version. */
  Set<String> names() {
    Set<String> names = new HashSet<>();
    if (base != null) {
      base.of(type).keySet().stream().filter(wants).forEach(names::add);
    }
    other.forEach((name, version) -> {
      if (version.equals(NONE)) {
        names.remove(name);
      } else {
        names.add(name);
      }
    });
    return names;
  }
}
