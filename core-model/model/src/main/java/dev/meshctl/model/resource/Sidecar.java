package dev.meshctl.model.resource;

import dev.meshctl.model.resource.DestinationRule.ConnectionPool;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Istio {@code networking.istio.io/Sidecar}: what the sidecars of some workloads are told of, and
 * what they take in.
 *
 * @param workloadSelector labels of the workloads that are meant; empty is the whole namespace, of
 *     the root namespace every namespace that has none of its own
 * @param ingress in place of the ports of the workload's services, where there are any
 * @param egress what can be reached; empty is everything
 */
public record Sidecar(
    Metadata metadata,
    Map<String, String> workloadSelector,
    List<Ingress> ingress,
    List<Egress> egress,
    Optional<ConnectionPool> inboundConnectionPool,
    Optional<OutboundTraffic> outboundTraffic)
    implements MeshResource {
  public Sidecar {
    workloadSelector = Map.copyOf(workloadSelector);
    ingress = List.copyOf(ingress);
    egress = List.copyOf(egress);
  }

  @Override
  public String kind() {
    return "Sidecar";
  }

  /** {@code port} of a listener. */
  public record Port(int number, AppProtocol protocol, String name) {}

  /** {@code captureMode}: with {@code NONE} the listener is bound and called by name. */
  public enum Capture {
    DEFAULT,
    IPTABLES,
    NONE
  }

  /**
   * {@code ingress[]}.
   *
   * @param workloadPort where the workload listens; 0 is the listener's own port
   * @param connectionPool in place of the one for all listeners
   */
  public record Ingress(Port port, int workloadPort, Optional<ConnectionPool> connectionPool) {}

  /**
   * {@code egress[]}.
   *
   * @param port empty speaks for all ports that no other listener names
   * @param bind empty is the address that the services have, with {@code captureMode: NONE}
   *     127.0.0.1
   */
  public record Egress(Optional<Port> port, String bind, Capture capture, List<Host> hosts) {
    public Egress {
      hosts = List.copyOf(hosts);
    }
  }

  /**
   * One of {@code hosts}.
   *
   * @param excluded takes out of what the others let in
   * @param namespace {@value #ANY_NAMESPACE} for all, {@value #OWN_NAMESPACE} for the workload's
   * @param name a full host, {@code *.suffix} or {@code *}
   */
  public record Host(boolean excluded, String namespace, String name) {
    public static final String ANY_NAMESPACE = "*";
    public static final String OWN_NAMESPACE = ".";
  }

  /**
   * {@code outboundTrafficPolicy}: what becomes of connections to what nobody has declared.
   *
   * @param egressProxy where they go in place of where they were meant for
   */
  public record OutboundTraffic(Mode mode, Optional<VirtualService.Destination> egressProxy) {
    /** What holds where nothing is written. */
    public static final OutboundTraffic ALLOW_ANY =
        new OutboundTraffic(Mode.ALLOW_ANY, Optional.empty());
  }

  /** {@code outboundTrafficPolicy.mode}. */
  public enum Mode {
    REGISTRY_ONLY,
    ALLOW_ANY
  }
}
