package dev.meshctl.model.resource;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Istio {@code networking.istio.io/ServiceEntry}: a host that the platform does not know.
 *
 * @param addresses single virtual addresses of the hosts
 * @param workloadSelector labels of the workloads that answer, instead of {@code endpoints}
 * @param subjectAltNames identities that may answer; empty is whoever is known to
 */
public record ServiceEntry(
    Metadata metadata,
    List<String> hosts,
    List<String> addresses,
    List<Port> ports,
    Resolution resolution,
    Location location,
    List<WorkloadEntry.Spec> endpoints,
    Optional<Map<String, String>> workloadSelector,
    List<String> subjectAltNames,
    List<String> exportTo)
    implements MeshResource {
  public ServiceEntry {
    hosts = List.copyOf(hosts);
    addresses = List.copyOf(addresses);
    ports = List.copyOf(ports);
    endpoints = List.copyOf(endpoints);
    workloadSelector = workloadSelector.map(InOrder::copyOf);
    subjectAltNames = List.copyOf(subjectAltNames);
    exportTo = List.copyOf(exportTo);
  }

  /** Without addresses, selector and names. */
  public ServiceEntry(
      Metadata metadata,
      List<String> hosts,
      List<Port> ports,
      Resolution resolution,
      Location location,
      List<WorkloadEntry.Spec> endpoints,
      List<String> exportTo) {
    this(
        metadata,
        hosts,
        List.of(),
        ports,
        resolution,
        location,
        endpoints,
        Optional.empty(),
        List.of(),
        exportTo);
  }

  @Override
  public String kind() {
    return "ServiceEntry";
  }

  public enum Resolution {
    NONE,
    STATIC,
    DNS
  }

  public enum Location {
    MESH_EXTERNAL,
    MESH_INTERNAL
  }

  /** {@code ports[]}; {@code targetPort} 0 is the port itself. */
  public record Port(String name, int number, int targetPort, AppProtocol protocol) {}
}
