package dev.meshctl.model.resource;

import java.util.Map;

/**
 * Istio {@code networking.istio.io/WorkloadEntry}: a workload that is no Pod, such as a virtual
 * machine.
 *
 * @param healthy false where the condition {@code Healthy} of its status says so
 */
public record WorkloadEntry(Metadata metadata, Spec spec, boolean healthy) implements MeshResource {
  @Override
  public String kind() {
    return "WorkloadEntry";
  }

  /**
   * What {@code ServiceEntry.endpoints} and {@code WorkloadGroup.template} are, too.
   *
   * @param address an IP address, a host name or {@code unix://PATH}; may be empty where there is a
   *     network
   * @param ports by the name of the service's port
   * @param network empty is the mesh's own
   * @param locality {@code region/zone/subzone}, may be cut short or empty
   * @param weight 0 is the usual 1
   * @param serviceAccount empty where it has no identity of the mesh
   */
  public record Spec(
      String address,
      Map<String, Integer> ports,
      Map<String, String> labels,
      String network,
      String locality,
      int weight,
      String serviceAccount) {
    public Spec {
      ports = InOrder.copyOf(ports);
      labels = InOrder.copyOf(labels);
    }

    /** Without anything but where it is. */
    public Spec(String address, Map<String, Integer> ports, Map<String, String> labels) {
      this(address, ports, labels, "", "", 0, "");
    }
  }
}
