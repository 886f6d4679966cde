package dev.meshctl.model.xds;

import java.util.Map;

/**
 * Who asks: {@code envoy.config.core.v3.Node} as the control plane reads it. The identity is what
 * the peer certificate proves; the rest is the proxy's own word within that identity.
 *
 * @param id unique, {@code sidecar~IP~WORKLOAD-INSTANCE.NAMESPACE~NAMESPACE.svc.cluster.local}; a
 *     gateway begins with {@code router}, a proxy between others with {@code middle}
 * @param instance name of the workload replica, for example {@code reviews-v1-0}
 * @param labels of the workload replica
 * @param capture how traffic reaches the proxy
 * @param takesSplitTables over incremental xDS it takes virtual hosts that come by themselves
 *     ({@link SplitRouteTable}); said by {@code client_features}
 */
public record ProxyNode(
    String id,
    Role role,
    String namespace,
    String workload,
    String instance,
    String serviceAccount,
    Map<String, String> labels,
    Capture capture,
    boolean takesSplitTables) {
  public ProxyNode {
    labels = Map.copyOf(labels);
  }

  /** One that takes whole tables. */
  public ProxyNode(
      String id,
      Role role,
      String namespace,
      String workload,
      String instance,
      String serviceAccount,
      Map<String, String> labels,
      Capture capture) {
    this(id, role, namespace, workload, instance, serviceAccount, labels, capture, false);
  }

  /** The same proxy, taking split tables or not. */
  public ProxyNode takingSplitTables(boolean takes) {
    return new ProxyNode(
        id, role, namespace, workload, instance, serviceAccount, labels, capture, takes);
  }

  /** The same with the account that was proved. */
  public ProxyNode provedAs(String account) {
    return new ProxyNode(
        id, role, namespace, workload, instance, account, labels, capture, takesSplitTables);
  }

  public enum Role {
    SIDECAR,
    /** Where clients from outside come in. */
    GATEWAY,
    /** Between two other proxies, whose word counts. */
    MIDDLE
  }

  /** How traffic reaches the proxy. */
  public sealed interface Capture {
    /**
     * Connections arrive by REDIRECT at 15001 (out) and 15006 (in); {@code podAddress} is its own.
     */
    record Transparent(String podAddress) implements Capture {}

    /**
     * The workload points at the proxy (Istio's capture mode {@code NONE}).
     *
     * @param proxyAddress where peers reach the sidecar, at the service's target ports
     * @param workloadAddress where the workload listens
     * @param servicePrefix address prefix of this workload's private service addresses, such as
     *     {@code 127.77.18.}; service number n is at prefix + n
     */
    record Explicit(String proxyAddress, String workloadAddress, String servicePrefix)
        implements Capture {}

    /** A gateway, or one in the middle: binds the ports its resources ask for, on this address. */
    record Edge(String bindAddress) implements Capture {}

    /** There is no proxy: a gRPC client asks for itself. */
    record Proxyless() implements Capture {}
  }
}
