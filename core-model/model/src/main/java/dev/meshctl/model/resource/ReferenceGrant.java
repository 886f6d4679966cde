package dev.meshctl.model.resource;

import java.util.List;

/** Gateway API {@code ReferenceGrant}: who in other namespaces may refer to objects of this one. */
public record ReferenceGrant(Metadata metadata, List<From> from, List<To> to)
    implements MeshResource {
  public ReferenceGrant {
    from = List.copyOf(from);
    to = List.copyOf(to);
  }

  @Override
  public String kind() {
    return "ReferenceGrant";
  }

  /** {@code from[]}. */
  public record From(String group, String kind, String namespace) {}

  /** {@code to[]}; an empty name is any. */
  public record To(String group, String kind, String name) {}
}
