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
 * @param access what only the rules of nodes act on
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
    List<String> addresses,
    NodeAccess access)
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
        List.of(),
        NodeAccess.NONE);
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
      String name,
      int port,
      PortRef targetPort,
      int nodePort,
      AppProtocol protocol,
      Transport transport) {
    /** Of UDP where the protocol says so, else of TCP. */
    public Port(String name, int port, PortRef targetPort, int nodePort, AppProtocol protocol) {
      this(
          name,
          port,
          targetPort,
          nodePort,
          protocol,
          protocol == AppProtocol.UDP ? Transport.UDP : Transport.TCP);
    }
  }

  /**
   * How a Service is reached through nodes. Sidecars send by themselves and act on none of it.
   *
   * @param externalLocal {@code externalTrafficPolicy: Local}: who comes from outside reaches what
   *     runs on the node that it came to, and is seen under its own address
   * @param externalIps {@code externalIPs}
   * @param ingress addresses of {@code status.loadBalancer} that nodes answer for: those of {@code
   *     ipMode: VIP}, which is the default
   * @param sourceRanges {@code loadBalancerSourceRanges}; empty is everybody
   * @param healthCheckNodePort where nodes say whether they have an endpoint; 0 is nowhere
   * @param affinitySeconds how long a client sticks to its endpoint, where {@code sessionAffinity}
   *     says so
   */
  public record NodeAccess(
      boolean externalLocal,
      List<String> externalIps,
      List<String> ingress,
      List<IpBlock> sourceRanges,
      int healthCheckNodePort,
      int affinitySeconds) {
    /** What the API takes for {@code timeoutSeconds}, three hours. */
    public static final int AFFINITY_SECONDS = 10_800;

    public static final NodeAccess NONE =
        new NodeAccess(false, List.of(), List.of(), List.of(), 0, AFFINITY_SECONDS);

    public NodeAccess {
      externalIps = List.copyOf(externalIps);
      ingress = List.copyOf(ingress);
      sourceRanges = List.copyOf(sourceRanges);
    }
  }
}
