package dev.meshctl.model.resource;

import java.util.List;
import java.util.Map;

/** Istio {@code networking.istio.io/ServiceEntry}: a host that the platform does not know. */
public record ServiceEntry(
    Metadata metadata,
    List<String> hosts,
    List<Port> ports,
    Resolution resolution,
    Location location,
    List<Endpoint> endpoints,
    List<String> exportTo)
    implements MeshResource {
  public ServiceEntry {
    hosts = List.copyOf(hosts);
    ports = List.copyOf(ports);
    endpoints = List.copyOf(endpoints);
    exportTo = List.copyOf(exportTo);
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

  public record Endpoint(String address, Map<String, Integer> ports, Map<String, String> labels) {
    public Endpoint {
      ports = Map.copyOf(ports);
      labels = Map.copyOf(labels);
    }
  }
}
