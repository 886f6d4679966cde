package dev.meshctl.model.resource;

/** {@code metadata.ownerReferences[]} with {@code controller: true}: who made an object. */
public record Owner(String kind, String name) {
  /** The maker of an object in {@code namespace}: both are in the same one. */
  public ResourceId in(String namespace) {
    return new ResourceId(kind, namespace, name);
  }
}
