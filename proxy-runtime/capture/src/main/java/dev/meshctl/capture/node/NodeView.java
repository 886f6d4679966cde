package dev.meshctl.capture.node;

import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Node;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.List;
import java.util.Optional;

/**
 * The node whose rules are asked for.
 *
 * @param name {@code spec.nodeName} of its pods
 * @param zone {@code topology.kubernetes.io/zone}, may be empty
 * @param addresses of its interfaces, loopback left out; IPVS and userspace listen at each
 * @param podRanges where the addresses of the cluster's pods are from; who comes from elsewhere to
 *     a cluster address is masqueraded, since the answer must come back by this node. Empty: nobody
 *     is
 * @param nodePortRanges node ports answer at the node's addresses in these; empty is at all but
 *     loopback
 */
public record NodeView(
    String name,
    String zone,
    List<String> addresses,
    List<IpBlock> podRanges,
    List<IpBlock> nodePortRanges) {
  private static final String ZONE = "topology.kubernetes.io/zone";

  public NodeView {
    addresses = List.copyOf(addresses);
    podRanges = List.copyOf(podRanges);
    nodePortRanges = List.copyOf(nodePortRanges);
  }

  /**
   * A node as its cluster knows it. Pods are whoever has an address of a node's range.
   *
   * @param name of a Node of the mesh; of another, nothing is known but the name
   */
  public static NodeView of(ValidatedMesh mesh, String name) {
    List<Node> nodes = mesh.all(Node.class);
    Optional<Node> found =
        nodes.stream().filter(node -> node.metadata().name().equals(name)).findFirst();
    return new NodeView(
        name,
        found.map(node -> node.metadata().labels().getOrDefault(ZONE, "")).orElse(""),
        found.map(Node::addresses).orElse(List.of()),
        nodes.stream().flatMap(node -> node.podRanges().stream()).distinct().toList(),
        List.of());
  }

  /** Addresses of a family at which node ports answer. */
  public List<String> nodePortAddresses(IpFamily family) {
    return addresses.stream()
        .filter(family::holds)
        .filter(address ->
            nodePortRanges.isEmpty()
                || nodePortRanges.stream().anyMatch(range -> IpFamily.contains(range, address)))
        .toList();
  }

  /** Those of a family. */
  public List<IpBlock> podRanges(IpFamily family) {
    return podRanges.stream().filter(family::holds).toList();
  }

  /** True where the address is the node's own. */
  public boolean owns(String address) {
    return addresses.contains(address);
  }

  /** True where the address is a pod's; empty where nobody said which are. */
  public Optional<Boolean> isPod(String address) {
    return podRanges.isEmpty()
        ? Optional.empty()
        : Optional.of(podRanges.stream().anyMatch(range -> IpFamily.contains(range, address)));
  }
}
