package dev.meshctl.controlplane.serve.encoded;

import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ResourceType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything one node is told, encoded.
 *
 * @param generation of the mesh, from 1; 0 before the first is accepted
 * @param shared with every other node that is told the same
 * @param own before what is shared, where both have a name
 */
public record EncodedSnapshot(long generation, EncodedLayer shared, EncodedLayer own) {
  public static final EncodedSnapshot EMPTY =
      new EncodedSnapshot(0, EncodedLayer.EMPTY, EncodedLayer.EMPTY);

  /** A node that shares nothing. */
  public EncodedSnapshot(
      long generation, Map<ResourceType, Map<String, EncodedResource>> resources) {
    this(generation, EncodedLayer.EMPTY, new EncodedLayer(resources));
  }

  /** Those of a type, by name; made anew where both layers have some. */
  public Map<String, EncodedResource> of(ResourceType type) {
    Map<String, EncodedResource> alike = shared.of(type);
    Map<String, EncodedResource> alone = own.of(type);
    if (alone.isEmpty()) {
      return alike;
    }
    if (alike.isEmpty()) {
      return alone;
    }
    Map<String, EncodedResource> all = new LinkedHashMap<>(alike);
    all.putAll(alone);
    return all;
  }

  /** Null where the node is told no such. */
  public @Nullable EncodedResource find(ResourceType type, String name) {
    EncodedResource alone = own.of(type).get(name);
    return alone != null ? alone : shared.of(type).get(name);
  }

  /** Names of {@code type} that may be new, other or gone since {@code before}. */
  public List<String> changed(EncodedSnapshot before, ResourceType type) {
    List<String> alike = shared.changed(before.shared, type);
    List<String> alone = own.changed(before.own, type);
    if (alone.isEmpty()) {
      return alike;
    }
    List<String> both = new ArrayList<>(alike);
    both.addAll(alone);
    return both;
  }
}
