package dev.meshctl.model.validation;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.source.Located;
import java.util.ArrayList;
import java.util.List;

/**
 * A mesh whose references hold: the only input of translation. Made by {@code MeshValidator}.
 *
 * @param trustDomain of all identities, for example {@code cluster.local}
 * @param rootNamespace where mesh-wide policy lives, {@code istio-system}
 * @param resources in the order of their ids, so that equal folders give equal meshes
 */
public record ValidatedMesh(
    String trustDomain, String rootNamespace, List<Located<? extends MeshResource>> resources) {
  public ValidatedMesh {
    resources = List.copyOf(resources);
  }

  /** {@code spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT}. */
  public String identity(String namespace, String serviceAccount) {
    return "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/" + serviceAccount;
  }

  /** All resources of one type, in order. */
  public <R extends MeshResource> List<R> all(Class<R> type) {
    return resources.stream()
        .map(Located::resource)
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  /** The same with the places of their fields. */
  public <R extends MeshResource> List<Located<R>> located(Class<R> type) {
    List<Located<R>> all = new ArrayList<>();
    for (Located<? extends MeshResource> located : resources) {
      if (type.isInstance(located.resource())) {
        all.add(new Located<>(type.cast(located.resource()), located.fields()));
      }
    }
    return all;
  }

  /** What makes pods, but for what another of them made. */
  public List<Workload> workloads() {
    return Workload.topmost(all(MeshResource.class));
  }
}
