package dev.meshctl.model.resource;

/**
 * Kubernetes {@code v1/ServiceAccount}: the identity of a workload, {@code
 * spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/NAME}.
 */
public record ServiceAccount(Metadata metadata) implements MeshResource {
  @Override
  public String kind() {
    return "ServiceAccount";
  }
}
