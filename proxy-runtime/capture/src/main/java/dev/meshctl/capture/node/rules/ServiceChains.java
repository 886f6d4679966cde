package dev.meshctl.capture.node.rules;

import dev.meshctl.capture.node.NodePlan;
import dev.meshctl.capture.node.ServicePort;
import dev.meshctl.capture.node.ServicePort.Fate;
import dev.meshctl.capture.node.ServicePort.Front;
import dev.meshctl.capture.node.ServicePort.FrontKind;
import dev.meshctl.capture.node.rules.Chain.Hook;
import dev.meshctl.capture.node.rules.Chain.Table;
import dev.meshctl.capture.node.rules.Verdict.Case;
import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Transport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The chains of a plan. In the order in which the first packet of a connection meets them:
 *
 * <ol>
 *   <li>{@code MESH-SERVICES} (as it comes in, or leaves a process of the node): by address,
 *       protocol and port to the Service's chain; what goes to the node itself, to {@code
 *       MESH-NODEPORTS}, by port;
 *   <li>{@code MESH-INT-…}: clients of a cluster address; those that are no pods are marked;
 *   <li>{@code MESH-FW-…}: a load balancer's address with source ranges: who is of them goes on;
 *   <li>{@code MESH-EXT-…}: all other addresses. Where any node's endpoint will do, the client is
 *       marked, since the answer must come back by this node; where policy keeps it to this node,
 *       pods and the node itself are sent anywhere, others to an endpoint here;
 *   <li>{@code MESH-SVC-…}, {@code MESH-SVL-…}: one of the endpoints, the remembered one first;
 *   <li>{@code MESH-SEP-…}: the endpoint; its own call to itself is marked, or it would answer
 *       itself past us;
 *   <li>{@code MESH-UNSERVED} (before it reaches a process or leaves for another machine): what was
 *       meant for a Service and found no way is refused or dropped;
 *   <li>{@code MESH-POSTROUTING}: what is marked leaves under the node's address.
 * </ol>
 */
public final class ServiceChains {
  private final NodePlan plan;
  private final PortChains ofPort;
  private final List<Chain> chains = new ArrayList<>();
  private final Map<String, Case> services = new LinkedHashMap<>();
  private final Map<String, Case> nodePorts = new LinkedHashMap<>();
  private final Map<String, Case> unserved = new LinkedHashMap<>();
  private final Map<String, Case> unservedPorts = new LinkedHashMap<>();
  private final Map<Integer, Rule> health = new TreeMap<>();
  private final TreeSet<String> clusterAddresses = new TreeSet<>();

  private ServiceChains(NodePlan plan, OptionalInt proxyPort) {
    this.plan = plan;
    this.ofPort = new PortChains(plan, proxyPort);
  }

  /** The kernel carries every packet to an endpoint. */
  public static RuleSet toEndpoints(NodePlan plan) {
    return new ServiceChains(plan, OptionalInt.empty()).chains();
  }

  /** The kernel hands TCP to a proxy at a port of this node, which goes on to an endpoint. */
  public static RuleSet toProxy(NodePlan plan, int port) {
    return new ServiceChains(plan, OptionalInt.of(port)).chains();
  }

  private RuleSet chains() {
    plan.ports().forEach(this::port);
    List<Chain> all = new ArrayList<>();
    all.add(nat(Names.SERVICES, List.of(Hook.PREROUTING, Hook.OUTPUT), entrance()));
    all.add(nat(Names.NODE_PORTS, List.of(), dispatch(nodePorts, Names.NODE_PORTS, false)));
    all.add(nat(Names.OUTSIDE, List.of(), outside()));
    all.addAll(chains);
    all.add(nat(Names.POSTROUTING, List.of(Hook.POSTROUTING), postrouting()));
    all.add(
        new Chain(
            Table.FILTER,
            Names.UNSERVED,
            List.of(Hook.INPUT, Hook.FORWARD, Hook.OUTPUT),
            true,
            unserved()));
    all.add(
        new Chain(
            Table.FILTER,
            Names.UNSERVED_PORTS,
            List.of(),
            false,
            dispatch(unservedPorts, Names.UNSERVED_PORTS, false)));
    all.add(new Chain(Table.FILTER, Names.FORWARD, List.of(Hook.FORWARD), false, forward()));
    all.add(
        new Chain(
            Table.FILTER, Names.HEALTH, List.of(Hook.INPUT), false, List.copyOf(health.values())));
    return new RuleSet(plan.family(), nodePortAddresses(), all);
  }

  /** Empty where every address of the node is meant, which then need not be known. */
  private List<String> nodePortAddresses() {
    return plan.node().nodePortRanges().isEmpty()
        ? List.of()
        : plan.node().nodePortAddresses(plan.family());
  }

  private List<Rule> entrance() {
    List<Rule> rules = new ArrayList<>(dispatch(services, Names.SERVICES, true));
    if (!nodePorts.isEmpty()) {
      // Below the addresses because an external address may be one of the node's own.
      rules.add(rule(new Test.ToNode(), new Verdict.Jump(Names.NODE_PORTS), "node ports"));
    }
    return rules;
  }

  private List<Rule> outside() {
    List<IpBlock> pods = plan.node().podRanges(plan.family());
    if (pods.isEmpty()) {
      return List.of();
    }
    return List.of(
        rule(new Test.From(pods), new Verdict.Return(), "pods keep their address"),
        rule(new Verdict.Mark(), "no pod: answered by way of this node"));
  }

  private static List<Rule> postrouting() {
    return List.of(
        rule(new Test.NotMarked(), new Verdict.Return(), "nobody asked for it"),
        rule(new Verdict.ClearMark(), "once is enough"),
        rule(new Verdict.Masquerade(), "the answer must come back by this node"));
  }

  private List<Rule> unserved() {
    List<Rule> rules = new ArrayList<>(dispatch(unserved, Names.UNSERVED, true));
    if (!unservedPorts.isEmpty()) {
      rules.add(
          rule(
              new Test.ToNode(),
              new Verdict.Jump(Names.UNSERVED_PORTS),
              "node ports that nobody serves"));
    }
    if (!clusterAddresses.isEmpty()) {
      rules.add(
          rule(
              new Test.ToAny(clusterAddresses),
              new Verdict.Reject(),
              "no such port of a cluster address"));
    }
    return rules;
  }

  private static List<Rule> forward() {
    return List.of(
        // Above the others: an answer that is not recognised would go to the client as it is.
        rule(new Test.Invalid(), new Verdict.Drop(), "would reset its connection"),
        rule(new Test.Marked(), new Verdict.Accept(), "on its way to an endpoint"),
        rule(new Test.Established(), new Verdict.Accept(), "answers"));
  }

  private void port(ServicePort port) {
    boolean hasOutside =
        port.fronts().stream().anyMatch(front -> front.kind() != FrontKind.CLUSTER_IP);
    chains.addAll(ofPort.pools(port));
    if (hasOutside && port.served()) {
      chains.add(ofPort.external(port));
    }
    for (Front front : port.fronts()) {
      switch (front.kind()) {
        case CLUSTER_IP -> clusterAddress(port, front);
        case EXTERNAL_IP -> outsideAddress(port, front, Names.external(port));
        case LOAD_BALANCER -> balancer(port, front);
        case NODE_PORT -> nodePort(port, front);
      }
    }
    if (port.healthCheckPort() != 0) {
      health.put(
          port.healthCheckPort(),
          new Rule(
              List.of(new Test.On(Transport.TCP, port.healthCheckPort())),
              new Verdict.Accept(),
              port.label() + " health check",
              Optional.of(port.origin())));
    }
  }

  private void clusterAddress(ServicePort port, Front front) {
    clusterAddresses.add(front.address());
    Fate fate = port.internal();
    if (fate == Fate.CLUSTER || fate == Fate.LOCAL) {
      chains.add(ofPort.internal(port, fate));
      put(services, front, port, new Verdict.Goto(Names.internal(port)), front.kind().words());
    } else {
      refuse(unserved, front, port, fate);
    }
  }

  private void balancer(ServicePort port, Front front) {
    if (front.allowed().isEmpty()) {
      outsideAddress(port, front, Names.external(port));
      return;
    }
    if (port.served()) {
      String name = Names.allowed(port);
      if (chains.stream().noneMatch(chain -> chain.name().equals(name))) {
        chains.add(
            nat(
                name,
                List.of(),
                List.of(
                    new Rule(
                        List.of(new Test.From(front.allowed())),
                        new Verdict.Goto(Names.external(port)),
                        port.label() + " source ranges",
                        Optional.of(front.guard())))));
      }
      put(services, front, port, new Verdict.Goto(name), front.kind().words());
      // Who is let on has another destination by then.
      put(
          unserved,
          new Front(front.kind(), front.address(), front.port(), front.guard()),
          port,
          new Verdict.Drop(),
          "not of the source ranges");
    } else {
      refuse(unserved, front, port, Fate.REJECTED);
    }
  }

  private void outsideAddress(ServicePort port, Front front, String chain) {
    if (port.served()) {
      put(services, front, port, new Verdict.Goto(chain), front.kind().words());
    }
    if (port.external() == Fate.REJECTED || port.external() == Fate.DROPPED) {
      refuse(unserved, front, port, port.external());
    }
  }

  private void nodePort(ServicePort port, Front front) {
    if (port.served()) {
      put(nodePorts, front, port, new Verdict.Goto(Names.external(port)), front.kind().words());
    }
    if (port.external() == Fate.REJECTED || port.external() == Fate.DROPPED) {
      refuse(unservedPorts, front, port, port.external());
    }
  }

  private void refuse(Map<String, Case> into, Front front, ServicePort port, Fate fate) {
    if (fate == Fate.REJECTED) {
      put(into, front, port, new Verdict.Reject(), "no endpoints");
    } else {
      put(into, front, port, new Verdict.Drop(), "no endpoints on this node");
    }
  }

  /** Two Services that ask for the same address and port cannot both have it: the first does. */
  private static void put(
      Map<String, Case> into, Front front, ServicePort port, Verdict verdict, String words) {
    into.putIfAbsent(
        front.address() + " " + port.transport() + " " + front.port(),
        new Case(
            front.address(),
            port.transport(),
            front.port(),
            verdict,
            port.label() + " " + words,
            front.origin()));
  }

  private static List<Rule> dispatch(Map<String, Case> cases, String name, boolean byAddress) {
    return List.of(
        rule(
            new Verdict.Dispatch(name, byAddress, List.copyOf(cases.values())),
            byAddress ? "by address" : "by port"));
  }

  static Chain nat(String name, List<Hook> hooks, List<Rule> rules) {
    return new Chain(Table.NAT, name, hooks, false, rules);
  }

  private static Rule rule(Verdict verdict, String why) {
    return new Rule(List.of(), verdict, why, Optional.empty());
  }

  private static Rule rule(Test test, Verdict verdict, String why) {
    return new Rule(List.of(test), verdict, why, Optional.empty());
  }
}
