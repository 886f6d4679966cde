package dev.meshctl.model.resource;

import java.util.List;

/** Kubernetes {@code v1/Endpoints}, of the Service of its name: what came before EndpointSlices. */
public record Endpoints(Metadata metadata, List<Subset> subsets) implements MeshResource {
  public Endpoints {
    subsets = List.copyOf(subsets);
  }

  @Override
  public String kind() {
    return "Endpoints";
  }

  /** {@code subsets[]}: each address listens at each port. */
  public record Subset(List<EndpointSlice.Port> ports, List<EndpointSlice.Endpoint> endpoints) {
    public Subset {
      ports = List.copyOf(ports);
      endpoints = List.copyOf(endpoints);
    }
  }
}
