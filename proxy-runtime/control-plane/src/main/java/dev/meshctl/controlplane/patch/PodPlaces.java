package dev.meshctl.controlplane.patch;

import com.google.common.base.Suppliers;
import dev.meshctl.model.resource.Pod;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Which pods there are, and on which nodes. Gathered when somebody asks, once: whoever puts a
 * configuration of many pods in force does not wait for it.
 *
 * <p>Thread: any.
 */
public final class PodPlaces {
  /** Of one who is told of no pods, as in a mesh on one machine. */
  public static final PodPlaces UNKNOWN = new PodPlaces(Map::of);

  private final Supplier<Map<String, String>> nodes;

  private PodPlaces(Supplier<Map<String, String>> nodes) {
    this.nodes = Suppliers.memoize(nodes::get);
  }

  /** Those of a mesh. */
  public static PodPlaces of(ValidatedMesh mesh) {
    return new PodPlaces(() -> {
      Map<String, String> nodes = new HashMap<>();
      for (Pod pod : mesh.all(Pod.class)) {
        nodes.put(pod.metadata().name() + "." + pod.metadata().namespace(), pod.node());
      }
      return Map.copyOf(nodes);
    });
  }

  /** Where a pod runs; empty where that is not known. */
  public String node(String namespace, String name) {
    return nodes.get().getOrDefault(name + "." + namespace, "");
  }

  /** All pods as {@code NAME.NAMESPACE}; empty where none are known, which says nothing. */
  public Optional<Set<String>> names() {
    Set<String> all = nodes.get().keySet();
    return all.isEmpty() ? Optional.empty() : Optional.of(all);
  }
}
