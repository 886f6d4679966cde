package dev.meshctl.controlplane.serve.encoded;

import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ResourceType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Resources that many proxies are told alike, encoded; the same object for all of them, so that
 * what changed since another layer is found once.
 *
 * <p>Thread: any; immutable but for what it remembers.
 */
public final class EncodedLayer {
  static final EncodedLayer EMPTY = new EncodedLayer(Map.of());

  private final Map<ResourceType, Map<String, EncodedResource>> resources;
  private volatile @Nullable Difference difference;

  /** Names of a type that are new, other or gone since {@code before}. */
  private record Difference(EncodedLayer before, Map<ResourceType, List<String>> names) {}

  public EncodedLayer(Map<ResourceType, Map<String, EncodedResource>> resources) {
    Map<ResourceType, Map<String, EncodedResource>> copy = new EnumMap<>(ResourceType.class);
    resources.forEach(
        (type, byName) -> copy.put(type, Collections.unmodifiableMap(new LinkedHashMap<>(byName))));
    this.resources = Collections.unmodifiableMap(copy);
  }

  Map<String, EncodedResource> of(ResourceType type) {
    return resources.getOrDefault(type, Map.of());
  }

  /** Names of {@code type} that are new, other or gone since {@code before}. */
  List<String> changed(EncodedLayer before, ResourceType type) {
    if (before == this) {
      return List.of();
    }
    Difference known = difference;
    if (known == null || known.before != before) {
      // Proxies of one scope go the same way, so the last answer is the next one's too.
      known = new Difference(before, compare(before));
      difference = known;
    }
    return known.names.getOrDefault(type, List.of());
  }

  private Map<ResourceType, List<String>> compare(EncodedLayer before) {
    Map<ResourceType, List<String>> names = new EnumMap<>(ResourceType.class);
    for (ResourceType type : ResourceType.values()) {
      Map<String, EncodedResource> had = before.of(type);
      Map<String, EncodedResource> has = of(type);
      List<String> changed = new ArrayList<>();
      has.forEach((name, resource) -> {
        EncodedResource other = had.get(name);
        if (other != resource && (other == null || !other.version().equals(resource.version()))) {
          changed.add(name);
        }
      });
      had.keySet().stream().filter(name -> !has.containsKey(name)).forEach(changed::add);
      names.put(type, changed);
    }
    return names;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EncodedLayer that && that.resources.equals(resources);
  }

  @Override
  public int hashCode() {
    return resources.hashCode();
  }
}
