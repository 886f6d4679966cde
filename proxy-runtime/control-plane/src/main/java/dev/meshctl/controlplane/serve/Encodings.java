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
import java.util.function.Function;
import java.util.function.Supplier;
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
            // The next generation may have a layer that is other by one resource only.
            parts(layer, splitTables);
            return kept;
          }
          return encode(layer, splitTables);
        });
  }

  private EncodedLayer encode(XdsSnapshot layer, boolean splitTables) {
    Map<ResourceType, Map<String, EncodedResource>> all = new EnumMap<>(ResourceType.class);
    parts(layer, splitTables).forEach(part -> add(all, part));
    add(all, resource(trustBundle));
    return new EncodedLayer(all);
  }

  private static void add(
      Map<ResourceType, Map<String, EncodedResource>> all, EncodedResource resource) {
    all.computeIfAbsent(resource.type(), t -> new LinkedHashMap<>()).put(resource.name(), resource);
  }

  /** All of a layer; what had to be serialized for it is remembered for the next generation. */
  private List<EncodedResource> parts(XdsSnapshot layer, boolean splitTables) {
    List<EncodedResource> parts = new ArrayList<>();
    for (Map<String, XdsResource> byName : layer.resources().values()) {
      for (XdsResource resource : byName.values()) {
        if (splitTables
            && resource instanceof RouteTableConfig table
            && SplitRouteTable.fits(table)) {
          parts.addAll(split(table));
        } else {
          parts.add(resource(resource));
        }
      }
    }
    return parts;
  }

  private EncodedResource resource(XdsResource resource) {
    return once(all -> all.resources, resource, () -> EncodedResource.of(resource));
  }

  /** The table and its hosts, each by itself. */
  private List<EncodedResource> split(RouteTableConfig table) {
    return once(
        all -> all.splits,
        table,
        () -> {
          List<EncodedResource> parts = new ArrayList<>();
          parts.add(EncodedResource.of(SplitRouteTable.of(table)));
          SplitRouteTable.hosts(table).forEach(host -> parts.add(EncodedResource.of(host)));
          return parts;
        });
  }

  /** What {@code of} has for the resource, in this generation or the one before; else made. */
  private <E> E once(
      Function<Encodings, Map<Same<XdsResource>, E>> of, XdsResource resource, Supplier<E> make) {
    Same<XdsResource> key = new Same<>(resource);
    E known = of.apply(this).get(key);
    if (known != null) {
      return known;
    }
    Encodings past = before;
    E kept = past == null ? null : of.apply(past).get(key);
    E fresh = kept != null ? kept : make.get();
    E raced = of.apply(this).putIfAbsent(key, fresh);
    return raced != null ? raced : fresh;
  }
}
