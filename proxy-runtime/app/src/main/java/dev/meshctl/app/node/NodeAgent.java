package dev.meshctl.app.node;

import dev.meshctl.capture.node.IpFamily;
import dev.meshctl.capture.node.NodePlan;
import dev.meshctl.capture.node.NodeView;
import dev.meshctl.capture.node.explain.NodeMode;
import dev.meshctl.capture.node.flows.Flow;
import dev.meshctl.capture.node.flows.StaleFlows;
import dev.meshctl.capture.node.mode.NodeProxySnapshot;
import dev.meshctl.capture.node.mode.NodeProxySnapshot.Ports;
import dev.meshctl.capture.node.rules.RuleSet;
import dev.meshctl.capture.node.rules.ServiceChains;
import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.model.resource.Transport;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ProxyNode.Capture;
import dev.meshctl.model.xds.ProxyNode.Role;
import dev.meshctl.xdsclient.ConfigSink.Rejection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Carries the Services of a mesh on this node, in the network namespace of this process. Rules stay
 * when it ends, as those of kube-proxy do, so that it may be started again under traffic; {@link
 * #remove} takes them away.
 *
 * <p>Thread: one mesh at a time; blocking.
 */
public final class NodeAgent implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(NodeAgent.class.getName());
  private static final Duration DRAIN_DEADLINE = Duration.ofSeconds(5);

  private final String node;
  private final NodeMode mode;
  private final Ports ports;
  private final Map<IpFamily, KernelRules> kernel = new EnumMap<>(IpFamily.class);
  private final Optional<DataPlane> proxy;
  private final LocalHealth health = new LocalHealth();

  private NodeAgent(String node, NodeMode mode, Ports ports) {
    this.node = node;
    this.mode = mode;
    this.ports = ports;
    for (IpFamily family : IpFamily.values()) {
      kernel.put(family, rules(mode, family));
    }
    this.proxy = mode == NodeMode.userspace ? Optional.of(proxy(node)) : Optional.empty();
  }

  /**
   * Starts without any Service.
   *
   * @param node its name in the cluster
   * @param ports of the proxy, in userspace mode
   * @throws IOException where this mode cannot be had here
   */
  public static NodeAgent start(String node, NodeMode mode, Ports ports) throws IOException {
    if (mode == NodeMode.ipvs) {
      throw new IOException(
          "ipvs is rendered and not run (expected: iptables, nftables or userspace)");
    }
    return new NodeAgent(node, mode, ports);
  }

  private static KernelRules rules(NodeMode mode, IpFamily family) {
    return switch (mode) {
      case nftables -> new NftKernel(family);
      case iptables, userspace, ipvs -> new IptablesKernel(family);
    };
  }

  private static DataPlane proxy(String node) {
    ProxyNode self =
        new ProxyNode(
            "node~0.0.0.0~" + node + ".nodes~cluster.local",
            Role.NODE,
            "",
            node,
            node,
            "",
            Map.of(),
            new Capture.Edge("0.0.0.0"));
    return DataPlane.start(
        new DataPlane.Settings(
            self,
            Runtime.getRuntime().availableProcessors(),
            Optional.empty(),
            Optional.empty(),
            "",
            DRAIN_DEADLINE),
        Optional.empty());
  }

  /**
   * Carries the Services of this mesh, and those only.
   *
   * @throws IOException where the kernel takes them not; what was in force stays so
   */
  public synchronized void accept(ValidatedMesh mesh) throws IOException {
    NodeView view = NodeView.of(mesh, node);
    List<NodePlan> plans = new ArrayList<>();
    for (IpFamily family : IpFamily.values()) {
      plans.add(NodePlan.of(mesh, view, family));
    }
    if (proxy.isPresent()) {
      // Above the rules: nobody may be redirected to a listener that is not there yet.
      put(proxy.get(), plans);
    }
    for (NodePlan plan : plans) {
      KernelRules rules = kernel.get(plan.family());
      if (rules != null) {
        rules.apply(chains(plan));
      }
    }
    // Below the rules: who is told that we have an endpoint sends at once.
    health.accept(plans);
    // Below the rules: a packet that comes between would choose by the old ones again.
    plans.forEach(NodeAgent::forgetStale);
    LOG.log(
        System.Logger.Level.INFO,
        "in force by "
            + mode
            + ": "
            + plans.stream().mapToInt(plan -> plan.ports().size()).sum()
            + " ports of Services");
  }

  /** Clients of UDP who keep sending to an endpoint that went; without it they would for ever. */
  private static void forgetStale(NodePlan plan) {
    if (plan.ports().stream().noneMatch(port -> port.transport() == Transport.UDP)) {
      return;
    }
    try (ConntrackSocket kernel = new ConntrackSocket()) {
      for (Flow flow : StaleFlows.of(plan, kernel.udp(plan.family()))) {
        kernel.delete(flow);
      }
    } catch (IOException refused) {
      LOG.log(
          System.Logger.Level.WARNING,
          "clients of UDP may go on to endpoints that are gone: " + refused.getMessage());
    }
  }

  private RuleSet chains(NodePlan plan) {
    return proxy.isPresent()
        ? ServiceChains.toProxy(plan, ports.of(plan.family()))
        : ServiceChains.toEndpoints(plan);
  }

  private void put(DataPlane plane, List<NodePlan> plans) throws IOException {
    List<NodePlan> used = plans.stream().filter(plan -> !plan.ports().isEmpty()).toList();
    List<Rejection> rejected = plane.accept(NodeProxySnapshot.of(used, ports));
    if (!rejected.isEmpty()) {
      Rejection first = rejected.getFirst();
      throw new IOException(first.name() + ": " + first.reason());
    }
  }

  /** Takes the rules away. */
  public synchronized void remove() throws IOException {
    for (KernelRules rules : kernel.values()) {
      rules.remove();
    }
  }

  @Override
  public void close() {
    health.close();
    proxy.ifPresent(DataPlane::close);
  }
}
