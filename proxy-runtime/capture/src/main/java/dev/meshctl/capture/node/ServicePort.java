package dev.meshctl.capture.node;

import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Transport;
import java.util.List;

/**
 * One port of a Service as a node sees it.
 *
 * @param port its name, may be empty
 * @param fronts where clients knock
 * @param cluster endpoints for whom any node's will do, in this node's choice (readiness, hints)
 * @param local endpoints of this node; empty unless a policy asks for them
 * @param served somewhere in the cluster an endpoint could answer
 * @param internalLocal {@code internalTrafficPolicy: Local}
 * @param externalLocal {@code externalTrafficPolicy: Local}
 * @param affinitySeconds how long a client sticks to its endpoint; 0 is not at all
 * @param omitted endpoints that this node does not use, and why
 * @param healthCheckPort where this node says how many endpoints it has of its own; 0 is nowhere
 * @param internalPolicy where {@code internalTrafficPolicy} is written, else the port
 * @param externalPolicy where {@code externalTrafficPolicy} is written, else the port
 */
public record ServicePort(
    String namespace,
    String service,
    String port,
    Transport transport,
    List<Front> fronts,
    List<Target> cluster,
    List<Target> local,
    boolean served,
    boolean internalLocal,
    boolean externalLocal,
    int affinitySeconds,
    List<Omitted> omitted,
    int healthCheckPort,
    Origin origin,
    Origin internalPolicy,
    Origin externalPolicy) {
  public ServicePort {
    fronts = List.copyOf(fronts);
    cluster = List.copyOf(cluster);
    local = List.copyOf(local);
    omitted = List.copyOf(omitted);
  }

  /** {@code shop/cart:http}, as people name it. */
  public String label() {
    return namespace + "/" + service + (port.isEmpty() ? "" : ":" + port);
  }

  /** What becomes of clients who come to a cluster address. */
  public Fate internal() {
    return fate(internalLocal);
  }

  /** What becomes of clients from outside who come to any other address. */
  public Fate external() {
    return fate(externalLocal);
  }

  /** What becomes of pods and the node itself there: policy is for who comes from outside. */
  public Fate shortcut() {
    return fate(false);
  }

  /**
   * What becomes of a client at one of the fronts, where it is let in.
   *
   * @param fromOutside it is neither a pod nor the node itself
   */
  public Fate fate(Front front, boolean fromOutside) {
    return switch (front.kind()) {
      case CLUSTER_IP -> internal();
      case EXTERNAL_IP, LOAD_BALANCER, NODE_PORT -> fromOutside ? external() : shortcut();
    };
  }

  private Fate fate(boolean onlyLocal) {
    if (!served) {
      return Fate.REJECTED;
    }
    List<Target> pool = onlyLocal ? local : cluster;
    return pool.isEmpty() ? Fate.DROPPED : onlyLocal ? Fate.LOCAL : Fate.CLUSTER;
  }

  /** Those who serve for a fate. */
  public List<Target> targets(Fate fate) {
    return switch (fate) {
      case CLUSTER -> cluster;
      case LOCAL -> local;
      case REJECTED, DROPPED -> List.of();
    };
  }

  /** Where a client is sent. */
  public enum Fate {
    /** To an endpoint of {@link #cluster}. */
    CLUSTER,
    /** To an endpoint of {@link #local}. */
    LOCAL,
    /** Refused at once: nobody serves, anywhere. */
    REJECTED,
    /** Silently not served: others would, but policy keeps it to this node. */
    DROPPED
  }

  /** What kind of address a client used. */
  public enum FrontKind {
    CLUSTER_IP("cluster address"),
    EXTERNAL_IP("external address"),
    LOAD_BALANCER("load balancer's address"),
    NODE_PORT("node port");

    private final String words;

    FrontKind(String words) {
      this.words = words;
    }

    public String words() {
      return words;
    }
  }

  /**
   * Where clients knock.
   *
   * @param address empty for a node port, which is at the node's addresses
   * @param allowed who may; empty is everybody
   * @param guard where that is written, else the front
   */
  public record Front(
      FrontKind kind,
      String address,
      int port,
      List<IpBlock> allowed,
      Origin origin,
      Origin guard) {
    public Front {
      allowed = List.copyOf(allowed);
    }

    /** For everybody. */
    public Front(FrontKind kind, String address, int port, Origin origin) {
      this(kind, address, port, List.of(), origin, origin);
    }
  }

  /**
   * An endpoint.
   *
   * @param here on this node
   * @param leaving it terminates and still serves, and is used since no ready one is left
   */
  public record Target(String address, int port, boolean here, boolean leaving, Origin origin) {}

  /** An endpoint that is not used, and why. */
  public record Omitted(String address, String why, Origin origin) {}
}
