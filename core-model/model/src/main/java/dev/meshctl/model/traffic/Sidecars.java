package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which Sidecar speaks for a workload (Istio's order): the oldest of its namespace that selects it,
 * then the oldest of its namespace without a selector, then that of the root namespace without a
 * selector. Exactly one does, or none: they are not merged.
 *
 * <p>Threads: any; immutable.
 */
public final class Sidecars {
  private final Map<String, List<Sidecar>> byNamespace;
  private final String rootNamespace;

  private Sidecars(List<Sidecar> all, String rootNamespace) {
    this.byNamespace =
        all.stream().collect(Collectors.groupingBy(sidecar -> sidecar.metadata().namespace()));
    this.rootNamespace = rootNamespace;
  }

  public static Sidecars of(ValidatedMesh mesh) {
    return of(mesh.resources().stream().map(Located::resource).toList(), mesh.rootNamespace());
  }

  /** Of resources that may not be validated yet. */
  public static Sidecars of(Collection<? extends MeshResource> resources, String rootNamespace) {
    return new Sidecars(
        Precedence.ordered(resources, Sidecar.class, Precedence.ISTIO), rootNamespace);
  }

  /** The Sidecar of a workload; empty where everything is open to it. */
  public Optional<Sidecar> of(String namespace, Map<String, String> labels) {
    return in(namespace)
        .filter(sidecar -> !sidecar.workloadSelector().isEmpty())
        .filter(sidecar -> selects(sidecar, labels))
        .findFirst()
        .or(() -> whole(namespace))
        .or(() -> whole(rootNamespace));
  }

  /** Those with a selector that a workload meets, the one in force first. */
  public List<Sidecar> selecting(String namespace, Map<String, String> labels) {
    return in(namespace)
        .filter(sidecar -> !sidecar.workloadSelector().isEmpty())
        .filter(sidecar -> selects(sidecar, labels))
        .toList();
  }

  private static boolean selects(Sidecar sidecar, Map<String, String> labels) {
    return labels.entrySet().containsAll(sidecar.workloadSelector().entrySet());
  }

  private Optional<Sidecar> whole(String namespace) {
    return in(namespace).filter(sidecar -> sidecar.workloadSelector().isEmpty()).findFirst();
  }

  private Stream<Sidecar> in(String namespace) {
    return byNamespace.getOrDefault(namespace, List.of()).stream();
  }
}
