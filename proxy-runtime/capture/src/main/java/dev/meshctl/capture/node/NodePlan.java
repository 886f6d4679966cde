package dev.meshctl.capture.node;

import dev.meshctl.model.validation.ValidatedMesh;
import java.util.List;

/**
 * What a node does for every Service port, in one family of addresses. Every way renders this and
 * nothing else.
 *
 * @param ports in order of namespace, Service, then as written
 */
public record NodePlan(NodeView node, IpFamily family, List<ServicePort> ports) {
  public NodePlan {
    ports = List.copyOf(ports);
  }

  /** The plan of a node for the Services of a mesh. */
  public static NodePlan of(ValidatedMesh mesh, NodeView node, IpFamily family) {
    return new NodePlan(node, family, new Planner(mesh, node, family).ports());
  }

  /** The same for the ports of one Service. */
  public NodePlan only(String namespace, String service) {
    return new NodePlan(
        node,
        family,
        ports.stream()
            .filter(port -> port.namespace().equals(namespace) && port.service().equals(service))
            .toList());
  }
}
