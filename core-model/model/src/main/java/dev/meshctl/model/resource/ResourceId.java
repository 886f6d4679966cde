package dev.meshctl.model.resource;

/**
 * Kind, namespace and name: unique in a mesh. {@code namespace} is empty for cluster-scoped kinds.
 */
public record ResourceId(String kind, String namespace, String name) {
  /** As users read it: {@code VirtualService shop/cart}. */
  @Override
  public String toString() {
    return namespace.isEmpty() ? kind + " " + name : kind + " " + namespace + "/" + name;
  }
}
