package dev.meshctl.controlplane.patch;

import dev.meshctl.model.resource.Pod;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which pods there are, and on which nodes. Looked up when somebody asks: a configuration of many
 * pods comes often, and is asked for its pods only while a patch is under way.
 *
 * <p>Thread: any.
 */
public final class PodPlaces {
  /** Of one who is told of no pods, as in a mesh on one machine. */
  public static final PodPlaces UNKNOWN = new PodPlaces(Map::of);

  private final Supplier<Map<String, String>> gather;
  private @Nullable Map<String, String> gathered;

  private PodPlaces(Supplier<Map<String, String>> gather) {
    this.gather = gather;
  }

  /** Those of a mesh. */
  public static PodPlaces of(ValidatedMesh mesh) {
    return new PodPlaces(() -> {
      Map<String, String> nodes = new HashMap<>();
      for (Pod pod : mesh.all(Pod.class)) {
        nodes.put(pod.metadata().name() + "." + pod.metadata().namespace(), pod.node());
      }
      return nodes;
    });
  }

  private synchronized Map<String, String> nodes() {
    if (gathered == null) {
      gathered = Map.copyOf(gather.get());
    }
    return gathered;
  }

  /** Where a pod runs; empty where that is not known. */
  public String node(String namespace, String name) {
    return nodes().getOrDefault(name + "." + namespace, "");
  }

  /** All pods as {@code NAME.NAMESPACE}; empty where none are known, which says nothing. */
  public Optional<Set<String>> names() {
    Set<String> all = nodes().keySet();
    return all.isEmpty() ? Optional.empty() : Optional.of(all);
  }
}
