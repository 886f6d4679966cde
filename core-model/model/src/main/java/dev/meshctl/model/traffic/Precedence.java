package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.MeshResource;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Who comes first among resources of one kind. The oldest does; what no API server has dated would
 * be created now, and comes after what has a date. Then names decide, so that a folder has an order
 * too.
 */
public final class Precedence {
  private static final Comparator<MeshResource> AGE =
      Comparator.comparing(resource -> resource.metadata().created().orElse(Instant.MAX));

  /** Istio's: by age, then by name, then by namespace. */
  public static final Comparator<MeshResource> ISTIO =
      AGE.thenComparing((MeshResource resource) -> resource.metadata().name())
          .thenComparing(resource -> resource.metadata().namespace());

  /** The Gateway API's: by age, then by {@code namespace/name}. */
  public static final Comparator<MeshResource> GATEWAY_API =
      AGE.thenComparing((MeshResource resource) -> resource.metadata().namespace())
          .thenComparing(resource -> resource.metadata().name());

  private Precedence() {}

  /** The resources of one type, the first first. */
  static <R extends MeshResource> List<R> ordered(
      Collection<? extends MeshResource> resources,
      Class<R> type,
      Comparator<? super MeshResource> order) {
    return resources.stream().filter(type::isInstance).map(type::cast).sorted(order).toList();
  }
}
