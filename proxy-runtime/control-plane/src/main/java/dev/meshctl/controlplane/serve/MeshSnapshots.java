package dev.meshctl.controlplane.serve;

import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The mesh of the newest generation, per node, each resource serialized once for all that share it
 * and for as long as it does not change.
 *
 * <p>Thread: any; {@link #publish} one at a time.
 */
public final class MeshSnapshots implements SnapshotSource {
  private final SecretConfig trustBundle;
  private volatile Generation current;

  /** By identity, because translation shares unchanged pieces; comparing records deeply costs. */
  private record Same(XdsResource resource) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Same(XdsResource that) && that == resource;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(resource);
    }
  }

  private record Generation(
      long number,
      Function<ProxyNode, XdsSnapshot> translation,
      Map<Same, EncodedResource> encoded,
      Map<Same, EncodedResource> before) {

    EncodedResource encode(XdsResource resource) {
      Same key = new Same(resource);
      EncodedResource known = encoded.get(key);
      if (known != null) {
        return known;
      }
      EncodedResource kept = before.get(key);
      EncodedResource fresh = kept != null ? kept : EncodedResource.of(resource);
      EncodedResource raced = encoded.putIfAbsent(key, fresh);
      return raced != null ? raced : fresh;
    }
  }

  /**
   * @param trustBundlePem what verifies the mesh's certificates, told to every node
   */
  public MeshSnapshots(String trustBundlePem) {
    this.trustBundle = new SecretConfig(SecretConfig.TRUST_BUNDLE, trustBundlePem);
    this.current = new Generation(0, node -> XdsSnapshot.EMPTY, Map.of(), Map.of());
  }

  /** Puts {@code translation} in force as generation {@code number}. */
  public void publish(long number, Function<ProxyNode, XdsSnapshot> translation) {
    current = new Generation(number, translation, new ConcurrentHashMap<>(), current.encoded);
  }

  @Override
  public EncodedSnapshot snapshotFor(ProxyNode node) {
    Generation generation = current;
    if (generation.number == 0) {
      return EncodedSnapshot.EMPTY;
    }
    Map<ResourceType, Map<String, EncodedResource>> all = new EnumMap<>(ResourceType.class);
    generation
        .translation
        .apply(node)
        .resources()
        .forEach((type, byName) -> {
          Map<String, EncodedResource> encoded = new LinkedHashMap<>();
          byName.forEach((name, resource) -> encoded.put(name, generation.encode(resource)));
          all.put(type, encoded);
        });
    all.computeIfAbsent(ResourceType.SECRET, t -> new LinkedHashMap<>())
        .put(trustBundle.name(), generation.encode(trustBundle));
    return new EncodedSnapshot(generation.number, all);
  }
}
