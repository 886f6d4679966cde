package dev.meshctl.capture.node.mode;

import dev.meshctl.capture.node.IpFamily;
import dev.meshctl.capture.node.NodePlan;
import dev.meshctl.capture.node.ServicePort;
import dev.meshctl.capture.node.ServicePort.Fate;
import dev.meshctl.capture.node.ServicePort.Front;
import dev.meshctl.capture.node.ServicePort.FrontKind;
import dev.meshctl.capture.node.ServicePort.Target;
import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Transport;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.ServiceRef;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.FilterChain.ChainMatch;
import dev.meshctl.model.xds.FilterChain.Cidr;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.NetworkFilter.TcpProxy;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the proxy of a node is told, in userspace mode: one listener with a socket for each family,
 * where redirected connections arrive; for each address and port of a Service one without, which a
 * connection reaches by its original destination; a cluster for each pool of endpoints.
 *
 * <p>Where {@code externalTrafficPolicy: Local} keeps clients from outside to this node, a filter
 * chain by source sends pods and the node itself to all endpoints. A Service whose pool is empty
 * has no listener: the kernel's rules refuse or drop before.
 */
public final class NodeProxySnapshot {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** A silent connection ends after this, as Envoy's does. */
  private static final Duration IDLE_TIMEOUT = Duration.ofHours(1);

  private final Map<String, XdsResource> clusters = new LinkedHashMap<>();
  private final Map<String, XdsResource> listeners = new LinkedHashMap<>();

  private NodeProxySnapshot() {}

  /**
   * @param plans one of each family at most
   * @param ports where connections of each family are redirected to
   */
  public static XdsSnapshot of(List<NodePlan> plans, Ports ports) {
    NodeProxySnapshot snapshot = new NodeProxySnapshot();
    for (NodePlan plan : plans) {
      snapshot.arrival(plan.family(), ports);
      for (ServicePort port : plan.ports()) {
        if (port.transport() == Transport.TCP) {
          snapshot.service(plan, port);
        }
      }
    }
    return new XdsSnapshot(
        Map.of(
            ResourceType.CLUSTER, snapshot.clusters,
            ResourceType.LISTENER, snapshot.listeners));
  }

  /** Ports of the node where its proxy takes connections. */
  public record Ports(int four, int six) {
    public static final Ports USUAL = new Ports(15001, 15002);

    public int of(IpFamily family) {
      return switch (family) {
        case V4 -> four;
        case V6 -> six;
      };
    }
  }

  /** Connections are all redirected ones; whoever comes to the port itself is closed. */
  private void arrival(IpFamily family, Ports ports) {
    String name = "node-" + family.name().toLowerCase(Locale.ROOT);
    put(
        new ListenerConfig(
            name,
            Direction.OUTBOUND,
            new SocketEndpoint(any(family), ports.of(family)),
            true,
            true,
            false,
            Duration.ZERO,
            List.of(),
            Optional.empty()));
  }

  private static String any(IpFamily family) {
    return family == IpFamily.V4 ? "0.0.0.0" : "::";
  }

  private void service(NodePlan plan, ServicePort port) {
    for (Front front : port.fronts()) {
      List<FilterChain> chains = new ArrayList<>();
      Fate outside = port.fate(front, true);
      Fate inside = port.fate(front, false);
      if (inside != outside) {
        chain(plan.family(), port, inside, ChainMatch.from(near(plan))).ifPresent(chains::add);
      }
      Optional<FilterChain> others = chain(plan.family(), port, outside, ChainMatch.ANY);
      if (chains.isEmpty() && others.isEmpty()) {
        continue;
      }
      String address = front.kind() == FrontKind.NODE_PORT ? any(plan.family()) : front.address();
      SocketEndpoint at = new SocketEndpoint(address, front.port());
      put(
          new ListenerConfig(
              port.label() + "@" + at,
              Direction.OUTBOUND,
              at,
              false,
              false,
              false,
              Duration.ZERO,
              chains,
              others));
    }
  }

  /** Where pods and the node itself are. */
  private static List<Cidr> near(NodePlan plan) {
    List<Cidr> near = new ArrayList<>();
    for (IpBlock range : plan.node().podRanges(plan.family())) {
      near.add(new Cidr(range.address(), range.prefixLength()));
    }
    plan.node().addresses().stream()
        .filter(plan.family()::holds)
        .forEach(address -> near.add(new Cidr(address, plan.family().bits())));
    return near;
  }

  private Optional<FilterChain> chain(
      IpFamily family, ServicePort port, Fate fate, ChainMatch match) {
    List<Target> targets = port.targets(fate);
    if (targets.isEmpty()) {
      return Optional.empty();
    }
    boolean sticks = port.affinitySeconds() > 0;
    String cluster = cluster(family, port, fate, targets, sticks);
    TcpProxy proxy =
        new TcpProxy(port.label(), List.of(WeightedCluster.only(cluster)), IDLE_TIMEOUT, List.of());
    return Optional.of(
        new FilterChain(
            match.equals(ChainMatch.ANY) ? "all" : "near",
            match,
            Optional.empty(),
            sticks ? proxy.stickingBySourceIp() : proxy));
  }

  private String cluster(
      IpFamily family, ServicePort port, Fate fate, List<Target> targets, boolean sticks) {
    String name =
        port.label() + (fate == Fate.LOCAL ? "/here" : "") + (family == IpFamily.V6 ? "/v6" : "");
    List<Endpoint> endpoints =
        targets.stream()
            .map(target ->
                new Endpoint(
                    new SocketEndpoint(target.address(), target.port()),
                    Health.HEALTHY,
                    1,
                    false,
                    WorkloadRef.UNKNOWN))
            .toList();
    clusters.put(
        name,
        new ClusterConfig(
            name,
            new Discovery.Static(
                new LoadAssignment(
                    name, List.of(new LocalityEndpoints(Locality.NONE, 0, 0, endpoints)))),
            CONNECT_TIMEOUT,
            sticks ? LoadBalancing.MAGLEV : LoadBalancing.ROUND_ROBIN,
            new ClusterConfig.Transport.Plaintext(),
            UpstreamProtocol.HTTP1,
            CircuitBreakers.DEFAULT,
            Optional.empty(),
            new ServiceRef("", port.namespace(), port.service(), "")));
    return name;
  }

  private void put(ListenerConfig listener) {
    listeners.put(listener.name(), listener);
  }
}
