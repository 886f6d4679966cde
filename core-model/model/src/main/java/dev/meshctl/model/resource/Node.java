package dev.meshctl.model.resource;

import java.util.List;

/**
 * Kubernetes {@code v1/Node}: its labels say where it stands.
 *
 * @param podRanges {@code spec.podCIDRs}: addresses of its pods
 * @param addresses {@code status.addresses} that are addresses, not names
 */
public record Node(Metadata metadata, List<IpBlock> podRanges, List<String> addresses)
    implements MeshResource {
  public Node {
    podRanges = List.copyOf(podRanges);
    addresses = List.copyOf(addresses);
  }

  @Override
  public String kind() {
    return "Node";
  }
}
