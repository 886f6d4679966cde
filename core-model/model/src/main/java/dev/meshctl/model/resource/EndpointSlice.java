package dev.meshctl.model.resource;

import java.util.List;
import java.util.Optional;

/** Kubernetes {@code discovery.k8s.io/v1/EndpointSlice}: a part of a Service's endpoints. */
public record EndpointSlice(
    Metadata metadata, AddressType addressType, List<Port> ports, List<Endpoint> endpoints)
    implements MeshResource {
  /** The label that names the Service of the slice's namespace. */
  public static final String SERVICE_NAME = "kubernetes.io/service-name";

  public EndpointSlice {
    ports = List.copyOf(ports);
    endpoints = List.copyOf(endpoints);
  }

  @Override
  public String kind() {
    return "EndpointSlice";
  }

  /** The Service it belongs to; empty where it names none. */
  public Optional<String> serviceName() {
    return Optional.ofNullable(metadata.labels().get(SERVICE_NAME)).filter(name -> !name.isEmpty());
  }

  /** What its addresses are. */
  public enum AddressType {
    IPV4,
    IPV6,
    FQDN
  }

  /**
   * {@code ports[]}.
   *
   * @param name of the Service's port; empty for the only one
   * @param port 0 where none is written, which is every port: nothing that a mesh can go to
   */
  public record Port(String name, int port, Transport transport) {}

  /**
   * {@code endpoints[]}.
   *
   * @param addresses all of one endpoint, the first is used
   * @param hostname under which DNS knows it, may be empty
   * @param pod {@code targetRef} where it is a Pod, by name
   * @param node {@code nodeName}, may be empty
   * @param zone may be empty
   * @param forZones hints: zones whose clients shall use it
   * @param forNodes hints: nodes whose clients shall use it
   */
  public record Endpoint(
      List<String> addresses,
      Conditions conditions,
      String hostname,
      Optional<String> pod,
      String node,
      String zone,
      List<String> forZones,
      List<String> forNodes) {
    public Endpoint {
      addresses = List.copyOf(addresses);
      forZones = List.copyOf(forZones);
      forNodes = List.copyOf(forNodes);
    }
  }

  /**
   * {@code conditions}, where the API says what an absent one means: ready, serving as it is ready,
   * and not terminating.
   */
  public record Conditions(boolean ready, boolean serving, boolean terminating) {
    public static final Conditions READY = new Conditions(true, true, false);
    public static final Conditions NOT_READY = new Conditions(false, false, false);
  }
}
