package dev.meshctl.model.resource;

/** Kubernetes {@code v1/Namespace}. */
public record Namespace(Metadata metadata) implements MeshResource {
  @Override
  public String kind() {
    return "Namespace";
  }
}
