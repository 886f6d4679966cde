package dev.meshctl.controlplane.serve;

import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SplitRouteTable;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What has been serialized of one generation: each resource once for all that share it, and taken
 * from the generation before where it has not changed.
 *
 * <p>Thread: any.
 */
final class Encodings {
  private final SecretConfig trustBundle;
  private final Map<Same<XdsResource>, EncodedResource> resources = new ConcurrentHashMap<>();
  private final Map<Same<XdsResource>, List<EncodedResource>> splits = new ConcurrentHashMap<>();
  private final Map<LayerKey, EncodedLayer> layers = new ConcurrentHashMap<>();

  /** Null for the first, and once there is a generation after this one. */
  private volatile @Nullable Encodings before;

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

  private record LayerKey(Same<XdsSnapshot> layer, boolean splitTables) {}

  /**
   * @param trustBundle told to every node
   */
  Encodings(SecretConfig trustBundle) {
    this.trustBundle = trustBundle;
  }

  /** Those of the generation after this one, which forgets what was before it. */
  Encodings next() {
    Encodings next = new Encodings(trustBundle);
    next.before = this;
    before = null;
    return next;
  }

  /**
   * @param splitTables hosts of route tables are resources of their own
   */
  EncodedLayer layer(XdsSnapshot layer, boolean splitTables) {
    LayerKey key = new LayerKey(new Same<>(layer), splitTables);
    return layers.computeIfAbsent(
        key,
        k -> {
          Encodings past = before;
          EncodedLayer kept = past == null ? null : past.layers.get(key);
          if (kept != null) {
            keep(layer, splitTables);
            return kept;
          }
          return encode(layer, splitTables);
        });
  }

  private EncodedLayer encode(XdsSnapshot layer, boolean splitTables) {
    Map<ResourceType, Map<String, EncodedResource>> all = new EnumMap<>(ResourceType.class);
    layer
        .resources()
        .forEach((type, byName) -> {
          for (XdsResource resource : byName.values()) {
            if (splitTables && resource instanceof RouteTableConfig table) {
              split(table).forEach(part -> add(all, part));
            } else {
              add(all, resource(resource));
            }
          }
        });
    add(all, resource(trustBundle));
    return new EncodedLayer(all);
  }

  private static void add(
      Map<ResourceType, Map<String, EncodedResource>> all, EncodedResource resource) {
    all.computeIfAbsent(resource.type(), t -> new LinkedHashMap<>()).put(resource.name(), resource);
  }

  /** The next generation may have a layer that is other than this one by one resource only. */
  private void keep(XdsSnapshot layer, boolean splitTables) {
    layer.resources().values().stream()
        .flatMap(byName -> byName.values().stream())
        .forEach(resource -> {
          if (splitTables && resource instanceof RouteTableConfig table) {
            split(table);
          } else {
            resource(resource);
          }
        });
  }

  private EncodedResource resource(XdsResource resource) {
    Same<XdsResource> key = new Same<>(resource);
    EncodedResource known = resources.get(key);
    if (known != null) {
      return known;
    }
    Encodings past = before;
    EncodedResource kept = past == null ? null : past.resources.get(key);
    EncodedResource fresh = kept != null ? kept : EncodedResource.of(resource);
    EncodedResource raced = resources.putIfAbsent(key, fresh);
    return raced != null ? raced : fresh;
  }

  /** The table and its hosts, each by itself. */
  private List<EncodedResource> split(RouteTableConfig table) {
    if (!SplitRouteTable.fits(table)) {
      return List.of(resource(table));
    }
    Same<XdsResource> key = new Same<>(table);
    List<EncodedResource> known = splits.get(key);
    if (known != null) {
      return known;
    }
    Encodings past = before;
    List<EncodedResource> kept = past == null ? null : past.splits.get(key);
    if (kept == null) {
      kept = new ArrayList<>();
      kept.add(EncodedResource.of(SplitRouteTable.of(table)));
      for (XdsResource host : SplitRouteTable.hosts(table)) {
        kept.add(EncodedResource.of(host));
      }
    }
    List<EncodedResource> raced = splits.putIfAbsent(key, kept);
    return raced != null ? raced : kept;
  }
}
