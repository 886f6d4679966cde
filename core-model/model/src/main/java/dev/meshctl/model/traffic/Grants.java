package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ObjectRef;
import dev.meshctl.model.resource.ReferenceGrant;
import java.util.Collection;
import java.util.List;

/**
 * What may be referred to across namespaces. Within one everything may; between two a
 * ReferenceGrant of the namespace that is referred to must say so.
 *
 * <p>Threads: any; immutable.
 */
public final class Grants {
  private final List<ReferenceGrant> grants;

  private Grants(List<ReferenceGrant> grants) {
    this.grants = grants;
  }

  /** Of resources that may not be validated yet. */
  public static Grants of(Collection<? extends MeshResource> resources) {
    return new Grants(Precedence.ordered(resources, ReferenceGrant.class, Precedence.GATEWAY_API));
  }

  /** Whether {@code from} may refer to {@code to}. */
  public boolean permit(MeshResource from, ObjectRef to) {
    return from.metadata().namespace().equals(to.namespace())
        || grants.stream()
            .filter(grant -> grant.metadata().namespace().equals(to.namespace()))
            .anyMatch(grant -> grants(grant, from) && grants(grant, to));
  }

  private static boolean grants(ReferenceGrant grant, MeshResource referrer) {
    // Kinds that two groups share carry their group in their name.
    String kind = referrer.kind();
    int dot = kind.indexOf('.');
    String plain = dot < 0 ? kind : kind.substring(0, dot);
    return grant.from().stream()
        .anyMatch(from ->
            from.group().equals("gateway.networking.k8s.io")
                && from.kind().equals(plain)
                && from.namespace().equals(referrer.metadata().namespace()));
  }

  private static boolean grants(ReferenceGrant grant, ObjectRef wanted) {
    return grant.to().stream()
        .anyMatch(to ->
            to.group().equals(wanted.group())
                && to.kind().equals(wanted.kind())
                && (to.name().isEmpty() || to.name().equals(wanted.name())));
  }
}
