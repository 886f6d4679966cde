package dev.meshctl.controlplane.serve;

import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SnapshotLayers;
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
  private record Same<T>(T thing) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Same<?>(Object that) && that == thing;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(thing);
    }
  }

  /**
   * One mesh, translated.
   *
   * @param encoded and {@code layers}: what of it has been asked for so far
   * @param encodedBefore and {@code layersBefore}: those of the generation before it
   */
  private record Generation(
      long number,
      Function<ProxyNode, SnapshotLayers> translation,
      Map<Same<XdsResource>, EncodedResource> encoded,
      Map<Same<XdsSnapshot>, EncodedLayer> layers,
      Map<Same<XdsResource>, EncodedResource> encodedBefore,
      Map<Same<XdsSnapshot>, EncodedLayer> layersBefore) {

    EncodedResource encode(XdsResource resource) {
      Same<XdsResource> key = new Same<>(resource);
      EncodedResource known = encoded.get(key);
      if (known != null) {
        return known;
      }
      EncodedResource kept = encodedBefore.get(key);
      EncodedResource fresh = kept != null ? kept : EncodedResource.of(resource);
      EncodedResource raced = encoded.putIfAbsent(key, fresh);
      return raced != null ? raced : fresh;
    }

    EncodedLayer encode(XdsSnapshot layer, SecretConfig trust) {
      return layers.computeIfAbsent(
          new Same<>(layer),
          key -> {
            EncodedLayer kept = layersBefore.get(key);
            if (kept != null) {
              return kept;
            }
            Map<ResourceType, Map<String, EncodedResource>> all = new EnumMap<>(ResourceType.class);
            layer
                .resources()
                .forEach((type, byName) -> {
                  Map<String, EncodedResource> ofType = new LinkedHashMap<>();
                  byName.forEach((name, resource) -> ofType.put(name, encode(resource)));
                  all.put(type, ofType);
                });
            all.computeIfAbsent(ResourceType.SECRET, t -> new LinkedHashMap<>())
                .put(trust.name(), encode(trust));
            return new EncodedLayer(all);
          });
    }
  }

  /**
   * @param trustBundlePem what verifies the mesh's certificates, told to every node
   */
  public MeshSnapshots(String trustBundlePem) {
    this.trustBundle = new SecretConfig(SecretConfig.TRUST_BUNDLE, trustBundlePem);
    this.current =
        new Generation(
            0,
            node -> SnapshotLayers.alone(XdsSnapshot.EMPTY),
            Map.of(),
            Map.of(),
            Map.of(),
            Map.of());
  }

  /** Puts {@code translation} in force as generation {@code number}. */
  public void publish(long number, Function<ProxyNode, SnapshotLayers> translation) {
    current =
        new Generation(
            number,
            translation,
            new ConcurrentHashMap<>(),
            new ConcurrentHashMap<>(),
            current.encoded,
            current.layers);
  }

  @Override
  public EncodedSnapshot snapshotFor(ProxyNode node) {
    Generation generation = current;
    if (generation.number == 0) {
      return EncodedSnapshot.EMPTY;
    }
    SnapshotLayers layers = generation.translation.apply(node);
    return new EncodedSnapshot(
        generation.number,
        generation.encode(layers.shared(), trustBundle),
        generation.encode(layers.own(), trustBundle));
  }
}
