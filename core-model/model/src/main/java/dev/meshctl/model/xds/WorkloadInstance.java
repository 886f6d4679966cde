package dev.meshctl.model.xds;

import java.util.Map;

/**
 * A running replica that can be an endpoint: on a cluster from Pods, on one machine from the local
 * launcher.
 *
 * @param address that peers connect to
 * @param ready false keeps it out of endpoints
 * @param inMesh has a sidecar, so speaks the mesh's mTLS
 * @param namedPorts container port names to numbers
 */
public record WorkloadInstance(
    String name,
    String namespace,
    String workload,
    String serviceAccount,
    Map<String, String> labels,
    String address,
    Map<String, Integer> namedPorts,
    LoadAssignment.Locality locality,
    boolean ready,
    boolean inMesh) {
  public WorkloadInstance {
    labels = Map.copyOf(labels);
    namedPorts = Map.copyOf(namedPorts);
  }
}
