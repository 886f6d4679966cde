package dev.meshctl.controlplane.serve;

import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ResourceType;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything one node is told, encoded. The resources are shared with every other node that is told
 * the same.
 *
 * @param generation of the mesh, from 1; 0 before the first is accepted
 */
public record EncodedSnapshot(
    long generation, Map<ResourceType, Map<String, EncodedResource>> resources) {
  public static final EncodedSnapshot EMPTY = new EncodedSnapshot(0, Map.of());

  public EncodedSnapshot {
    Map<ResourceType, Map<String, EncodedResource>> copy = new EnumMap<>(ResourceType.class);
    resources.forEach(
        (type, byName) -> copy.put(type, Collections.unmodifiableMap(new LinkedHashMap<>(byName))));
    resources = Collections.unmodifiableMap(copy);
  }

  public Map<String, EncodedResource> of(ResourceType type) {
    return resources.getOrDefault(type, Map.of());
  }

  @Nullable EncodedResource find(ResourceType type, String name) {
    return of(type).get(name);
  }
}
