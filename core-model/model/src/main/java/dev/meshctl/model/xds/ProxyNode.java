package dev.meshctl.model.xds;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Who asks: {@code envoy.config.core.v3.Node} as the control plane reads it. The identity is what
 * the peer certificate proves; the rest is the proxy's own word within that identity.
 *
 * @param id unique, {@code sidecar~IP~WORKLOAD-INSTANCE.NAMESPACE~NAMESPACE.svc.cluster.local}; a
 *     gateway begins with {@code router}, a proxy between others with {@code middle}, one of a node
 *     with {@code node}
 * @param instance name of the workload replica, for example {@code reviews-v1-0}
 * @param labels of the workload replica
 * @param capture how traffic reaches the proxy
 * @param features what it can do beyond the protocol's least; said by {@code client_features}
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
    Set<Feature> features) {
  public ProxyNode {
    labels = Map.copyOf(labels);
    features = Set.copyOf(features);
  }

  /** One with no features. */
  public ProxyNode(
      String id,
      Role role,
      String namespace,
      String workload,
      String instance,
      String serviceAccount,
      Map<String, String> labels,
      Capture capture) {
    this(id, role, namespace, workload, instance, serviceAccount, labels, capture, Set.of());
  }

  public boolean can(Feature feature) {
    return features.contains(feature);
  }

  /** The same proxy with a feature. */
  public ProxyNode with(Feature feature) {
    Set<Feature> all = EnumSet.of(feature);
    all.addAll(features);
    return with(all);
  }

  /** The same proxy without a feature. */
  public ProxyNode without(Feature feature) {
    Set<Feature> all = EnumSet.noneOf(Feature.class);
    all.addAll(features);
    all.remove(feature);
    return with(all);
  }

  private ProxyNode with(Set<Feature> all) {
    return new ProxyNode(
        id, role, namespace, workload, instance, serviceAccount, labels, capture, all);
  }

  /** The same with the account that was proved. */
  public ProxyNode provedAs(String account) {
    return new ProxyNode(
        id, role, namespace, workload, instance, account, labels, capture, features);
  }

  public enum Feature {
    /**
     * Over incremental xDS it takes virtual hosts that come by themselves ({@link
     * SplitRouteTable}).
     */
    SPLIT_TABLES,
    /**
     * It lets go of a resource whose time ({@code Resource.ttl}) has run out, and understands
     * heartbeats; in the state of the world it takes resources that come wrapped.
     */
    RESOURCE_TTL
  }

  public enum Role {
    SIDECAR,
    /** Where clients from outside come in. */
    GATEWAY,
    /** Between two other proxies, whose word counts. */
    MIDDLE,
    /** On a node, between all clients and the endpoints of Services. */
    NODE
  }

  /** How traffic reaches the proxy. */
  public sealed interface Capture {
    /**
     * Connections arrive by REDIRECT at 15001 (out) and 15006 (in).
     *
     * @param podAddress its own
     * @param otherAddress its own of the other version of IP ({@code status.podIPs}); empty where
     *     it has none
     */
    record Transparent(String podAddress, String otherAddress) implements Capture {
      public Transparent(String podAddress) {
        this(podAddress, "");
      }

      /** Where a listener takes what was redirected of every version of IP that it has. */
      public String anyAddress() {
        return isOfSix(podAddress) || isOfSix(otherAddress) ? "::" : "0.0.0.0";
      }

      /**
       * Where the workload is reached: the kernel turns the sidecar's own connections there to the
       * address where the workload listens.
       */
      public String workloadAddress() {
        return isOfSix(podAddress) ? "::1" : "127.0.0.1";
      }

      public boolean isAt(String address) {
        return address.equals(podAddress) || address.equals(otherAddress);
      }

      private static boolean isOfSix(String address) {
        return address.indexOf(':') >= 0;
      }
    }

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

    /**
     * A gateway, one in the middle, one of a node: binds the ports its resources ask for, on this
     * address.
     */
    record Edge(String bindAddress) implements Capture {}

    /** There is no proxy: a gRPC client asks for itself. */
    record Proxyless() implements Capture {}
  }
}
