package dev.meshctl.model.resource;

import dev.meshctl.model.resource.EndpointSlice.AddressType;
import java.util.List;
import java.util.Map;

/**
 * Kubernetes {@code v1/Service}.
 *
 * @param publishNotReadyAddresses pods that are not ready are endpoints, too
 * @param nodeLocal {@code internalTrafficPolicy: Local}: clients reach what runs on their node only
 * @param ipFamilies in the order written; empty where the cluster decides
 * @param addresses {@code clusterIPs}, where a cluster has given them
 */
public record Service(
    Metadata metadata,
    Type type,
    Map<String, String> selector,
    List<Port> ports,
    boolean headless,
    String externalName,
    SessionAffinity sessionAffinity,
    boolean publishNotReadyAddresses,
    boolean nodeLocal,
    Distribution distribution,
    List<AddressType> ipFamilies,
    List<String> addresses)
    implements MeshResource {
  public Service {
    selector = Map.copyOf(selector);
    ports = List.copyOf(ports);
    ipFamilies = List.copyOf(ipFamilies);
    addresses = List.copyOf(addresses);
  }

  /** With what a cluster takes where nothing is written. */
  public Service(
      Metadata metadata,
      Type type,
      Map<String, String> selector,
      List<Port> ports,
      boolean headless,
      String externalName,
      SessionAffinity sessionAffinity) {
    this(
        metadata,
        type,
        selector,
        ports,
        headless,
        externalName,
        sessionAffinity,
        false,
        false,
        Distribution.ANY,
        List.of(),
        List.of());
  }

  @Override
  public String kind() {
    return "Service";
  }

  /** {@code spec.type}. {@code externalName} is empty unless the type is {@link #EXTERNAL_NAME}. */
  public enum Type {
    CLUSTER_IP,
    NODE_PORT,
    LOAD_BALANCER,
    EXTERNAL_NAME
  }

  /** {@code spec.trafficDistribution}: which endpoints are preferred. */
  public enum Distribution {
    /** Nothing is written. */
    ANY,
    /** {@code PreferSameZone}, and {@code PreferClose}, its older name. */
    SAME_ZONE,
    SAME_NODE
  }

  /** {@code spec.sessionAffinity}. */
  public enum SessionAffinity {
    NONE,
    CLIENT_IP
  }

  /** {@code spec.ports[]}; {@code name} may be empty, {@code nodePort} is 0 when not asked for. */
  public record Port(
      String name, int port, PortRef targetPort, int nodePort, AppProtocol protocol) {}
}
