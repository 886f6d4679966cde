package dev.meshctl.controlplane.serve.encoded;

import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SplitRouteTable;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import java.time.Duration;
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
  private final Map<ResourceType, Duration> ttls;
  private final Map<Same<XdsResource>, EncodedResource> resources = new ConcurrentHashMap<>();
  private final Map<Same<XdsResource>, List<EncodedResource>> splits = new ConcurrentHashMap<>();

  /** Those of {@link #resources} and {@link #splits} that some proxies are lent for a time. */
  private final Map<Same<EncodedResource>, EncodedResource> lent = new ConcurrentHashMap<>();

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

  /**
   * In which form a layer is told.
   *
   * @param splitTables hosts of route tables are resources of their own
   * @param lent types with a time are lent for it
   */
  record Form(boolean splitTables, boolean lent) {}

  private record LayerKey(Same<XdsSnapshot> layer, Form form) {}

  /**
   * @param trustBundle told to every node
   * @param ttls of the types that are lent for a time
   */
  Encodings(SecretConfig trustBundle, Map<ResourceType, Duration> ttls) {
    this.trustBundle = trustBundle;
    this.ttls = Map.copyOf(ttls);
  }

  /** Those of the generation after this one, which forgets what was before it. */
  Encodings next() {
    Encodings next = new Encodings(trustBundle, ttls);
    next.before = this;
    before = null;
    return next;
  }

  EncodedLayer layer(XdsSnapshot layer, Form form) {
    LayerKey key = new LayerKey(new Same<>(layer), form);
    return layers.computeIfAbsent(
        key,
        k -> {
          Encodings past = before;
          EncodedLayer kept = past == null ? null : past.layers.get(key);
          if (kept != null) {
            // The next generation may have a layer that is other by one resource only.
            parts(layer, form);
            return kept;
          }
          return encode(layer, form);
        });
  }

  private EncodedLayer encode(XdsSnapshot layer, Form form) {
    Map<ResourceType, Map<String, EncodedResource>> all = new EnumMap<>(ResourceType.class);
    parts(layer, form).forEach(part -> add(all, part));
    add(all, inForm(resource(trustBundle), form));
    return new EncodedLayer(all);
  }

  private static void add(
      Map<ResourceType, Map<String, EncodedResource>> all, EncodedResource resource) {
    all.computeIfAbsent(resource.type(), t -> new LinkedHashMap<>()).put(resource.name(), resource);
  }

  /** All of a layer; what had to be serialized for it is remembered for the next generation. */
  private List<EncodedResource> parts(XdsSnapshot layer, Form form) {
    List<EncodedResource> parts = new ArrayList<>();
    for (Map<String, XdsResource> byName : layer.resources().values()) {
      for (XdsResource resource : byName.values()) {
        if (form.splitTables
            && resource instanceof RouteTableConfig table
            && SplitRouteTable.fits(table)) {
          split(table).forEach(part -> parts.add(inForm(part, form)));
        } else {
          parts.add(inForm(resource(resource), form));
        }
      }
    }
    return parts;
  }

  private EncodedResource inForm(EncodedResource resource, Form form) {
    Duration ttl = form.lent ? ttls.get(resource.type()) : null;
    return ttl == null ? resource : once(all -> all.lent, resource, () -> resource.lent(ttl));
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

  /** What {@code of} has for {@code thing}, in this generation or the one before; else made. */
  private <T, E> E once(Function<Encodings, Map<Same<T>, E>> of, T thing, Supplier<E> make) {
    Same<T> key = new Same<>(thing);
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
