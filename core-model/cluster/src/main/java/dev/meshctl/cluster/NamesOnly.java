package dev.meshctl.cluster;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an informer has to remember of objects: that they are there, in which version. What is in
 * them is kept once, as what it was read as.
 */
final class NamesOnly implements ItemStore<GenericKubernetesResource> {
  private final Map<String, GenericKubernetesResource> known = new ConcurrentHashMap<>();

  @Override
  public String getKey(GenericKubernetesResource object) {
    return Cache.metaNamespaceKeyFunc(object);
  }

  @Override
  public @Nullable GenericKubernetesResource put(String key, GenericKubernetesResource object) {
    return known.put(key, stub(object));
  }

  private static GenericKubernetesResource stub(GenericKubernetesResource object) {
    ObjectMeta full = object.getMetadata();
    GenericKubernetesResource stub = new GenericKubernetesResource();
    stub.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(full.getNamespace())
            .withName(full.getName())
            .withUid(full.getUid())
            .withResourceVersion(full.getResourceVersion())
            .build());
    return stub;
  }

  @Override
  public @Nullable GenericKubernetesResource remove(String key) {
    return known.remove(key);
  }

  @Override
  public Stream<String> keySet() {
    return known.keySet().stream();
  }

  @Override
  public Stream<GenericKubernetesResource> values() {
    return known.values().stream();
  }

  @Override
  public int size() {
    return known.size();
  }

  @Override
  public @Nullable GenericKubernetesResource get(String key) {
    return known.get(key);
  }

  /** So that objects are handed on as they come, whole. */
  @Override
  public boolean isFullState() {
    return false;
  }
}
