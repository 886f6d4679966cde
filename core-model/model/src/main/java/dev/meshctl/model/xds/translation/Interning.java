package dev.meshctl.model.xds.translation;

import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsResource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One object for equal resources: across the proxies of a mesh, and from one translation to the
 * next. So whoever serializes them can keep the bytes by identity.
 *
 * <p>Threads: any.
 */
final class Interning {
  private final Map<Key, List<XdsResource>> previous;
  private final Map<Key, List<XdsResource>> current = new ConcurrentHashMap<>();

  private record Key(ResourceType type, String name) {}

  /** The first of a mesh. */
  Interning() {
    this(Map.of());
  }

  private Interning(Map<Key, List<XdsResource>> previous) {
    this.previous = previous;
  }

  /** For the translation after this one; what came before this one is forgotten. */
  Interning next() {
    return new Interning(current);
  }

  /** The resource that stands for all that equal {@code fresh}. */
  <R extends XdsResource> R intern(R fresh) {
    Key key = new Key(fresh.type(), fresh.name());
    List<XdsResource> same = current.computeIfAbsent(key, k -> new CopyOnWriteArrayList<>());
    synchronized (same) {
      Optional<XdsResource> known = equal(same, fresh);
      if (known.isPresent()) {
        return cast(known.get());
      }
      XdsResource kept = equal(previous.getOrDefault(key, List.of()), fresh).orElse(fresh);
      same.add(kept);
      return cast(kept);
    }
  }

  /** By name, each interned; of equal names the first. */
  Map<String, XdsResource> byName(List<? extends XdsResource> resources) {
    Map<String, XdsResource> byName = new LinkedHashMap<>();
    for (XdsResource resource : resources) {
      if (!byName.containsKey(resource.name())) {
        byName.put(resource.name(), intern(resource));
      }
    }
    return byName;
  }

  private static Optional<XdsResource> equal(List<XdsResource> candidates, XdsResource fresh) {
    for (XdsResource candidate : candidates) {
      if (candidate.equals(fresh)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  @SuppressWarnings("unchecked")
  private static <R extends XdsResource> R cast(XdsResource resource) {
    return (R) resource;
  }
}
