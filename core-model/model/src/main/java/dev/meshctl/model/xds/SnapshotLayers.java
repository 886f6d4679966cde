package dev.meshctl.model.xds;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Everything one proxy is told, in two parts: what it is told like many others, and what it is told
 * alone. Proxies that are told the same have the same object, so whoever serves them can do things
 * once.
 *
 * @param own goes before what is shared, where both have a name
 */
public record SnapshotLayers(XdsSnapshot shared, XdsSnapshot own) {
  /** A proxy that shares nothing. */
  public static SnapshotLayers alone(XdsSnapshot own) {
    return new SnapshotLayers(XdsSnapshot.EMPTY, own);
  }

  /** Both parts as one. */
  public XdsSnapshot whole() {
    Map<ResourceType, Map<String, XdsResource>> all = new EnumMap<>(ResourceType.class);
    shared.resources().forEach((type, byName) -> all.put(type, new LinkedHashMap<>(byName)));
    own.resources()
        .forEach(
            (type, byName) -> all.computeIfAbsent(type, t -> new LinkedHashMap<>()).putAll(byName));
    return new XdsSnapshot(all);
  }
}
