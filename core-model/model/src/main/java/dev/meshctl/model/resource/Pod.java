package dev.meshctl.model.resource;

import java.util.List;
import java.util.Optional;

/**
 * Kubernetes {@code v1/Pod}, as far as the mesh needs it.
 *
 * @param node {@code spec.nodeName}, may be empty
 * @param hostNetwork its address is the node's: no sidecar stands before it
 * @param addresses {@code status.podIPs}, the first is {@code podIP}; empty until it has one
 * @param finished its containers have ended for good ({@code Succeeded}, {@code Failed})
 * @param ready the condition {@code Ready} is true
 * @param leaving it is being deleted
 */
public record Pod(
    Metadata metadata,
    Optional<Owner> owner,
    String serviceAccount,
    String node,
    String hostname,
    boolean hostNetwork,
    List<PodTemplate.Container> containers,
    List<String> addresses,
    boolean finished,
    boolean ready,
    boolean leaving)
    implements MeshResource {
  public Pod {
    containers = List.copyOf(containers);
    addresses = List.copyOf(addresses);
  }

  @Override
  public String kind() {
    return "Pod";
  }
}
