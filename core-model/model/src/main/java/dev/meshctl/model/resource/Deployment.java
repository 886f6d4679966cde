package dev.meshctl.model.resource;

import java.util.Map;
import java.util.Optional;

/** Kubernetes {@code apps/v1/Deployment}, as far as the mesh needs it. */
public record Deployment(
    Metadata metadata, int replicas, Map<String, String> selector, PodTemplate template)
    implements Workload {
  public Deployment {
    selector = InOrder.copyOf(selector);
  }

  @Override
  public String kind() {
    return "Deployment";
  }

  @Override
  public Optional<Owner> owner() {
    return Optional.empty();
  }
}
