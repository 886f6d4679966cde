package dev.meshctl.model.xds;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Everything one proxy is told, whole. References between resources hold (see {@code
 * SnapshotConsistency}).
 */
public record XdsSnapshot(Map<ResourceType, Map<String, XdsResource>> resources) {
  public static final XdsSnapshot EMPTY = new XdsSnapshot(Map.of());

  public XdsSnapshot {
    Map<ResourceType, Map<String, XdsResource>> copy = new EnumMap<>(ResourceType.class);
    resources.forEach(
        (type, byName) -> copy.put(type, Collections.unmodifiableMap(new LinkedHashMap<>(byName))));
    resources = Collections.unmodifiableMap(copy);
  }

  public Map<String, XdsResource> of(ResourceType type) {
    return resources.getOrDefault(type, Map.of());
  }
}
