package dev.meshctl.model.resource;

/** Kubernetes {@code v1/Node}: its labels say where it stands. */
public record Node(Metadata metadata) implements MeshResource {
  @Override
  public String kind() {
    return "Node";
  }
}
