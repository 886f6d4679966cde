package dev.meshctl.capture.node.rules;

import dev.meshctl.capture.node.NodePlan;
import dev.meshctl.capture.node.Origin;
import dev.meshctl.capture.node.ServicePort;
import dev.meshctl.capture.node.ServicePort.Fate;
import dev.meshctl.capture.node.ServicePort.Target;
import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Transport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The chains of one Service port, from where its addresses are told apart to its endpoints. */
final class PortChains {
  private final NodePlan plan;
  private final OptionalInt proxyPort;

  /**
   * @param proxyPort where a proxy takes TCP; empty where the kernel carries it
   */
  PortChains(NodePlan plan, OptionalInt proxyPort) {
    this.plan = plan;
    this.proxyPort = proxyPort;
  }

  /** The choice among endpoints, and the endpoints. */
  List<Chain> pools(ServicePort port) {
    List<Chain> chains = new ArrayList<>();
    pool(port, Fate.CLUSTER).ifPresent(chains::add);
    pool(port, Fate.LOCAL).ifPresent(chains::add);
    for (Target target : targets(port)) {
      chains.add(chain(Names.target(port, target), target(port, target)));
    }
    return chains;
  }

  /** Clients of the cluster address. */
  Chain internal(ServicePort port, Fate fate) {
    List<Rule> rules = new ArrayList<>();
    if (!plan.node().podRanges(plan.family()).isEmpty() && !proxied(port)) {
      rules.add(
          new Rule(
              List.of(),
              new Verdict.Jump(Names.OUTSIDE),
              port.label() + " who is no pod is marked",
              Optional.of(port.origin())));
    }
    rules.add(
        new Rule(
            List.of(),
            new Verdict.Goto(name(port, fate)),
            port.label() + policy("internalTrafficPolicy", port.internalLocal()),
            Optional.of(port.internalPolicy())));
    return chain(Names.internal(port), rules);
  }

  /** Clients of all other addresses. */
  Chain external(ServicePort port) {
    Optional<Origin> origin = Optional.of(port.externalPolicy());
    List<Rule> rules = new ArrayList<>();
    boolean proxied = proxied(port);
    if (port.externalLocal()) {
      List<IpBlock> pods = plan.node().podRanges(plan.family());
      Verdict anywhere = new Verdict.Goto(Names.cluster(port));
      if (!pods.isEmpty()) {
        rules.add(
            new Rule(List.of(new Test.From(pods)), anywhere, port.label() + " from pods", origin));
      }
      if (!proxied) {
        // The balancer's address may be the node's, and would then be the source.
        rules.add(
            new Rule(
                List.of(new Test.FromNode()),
                new Verdict.Mark(),
                port.label() + " from this node",
                origin));
      }
      rules.add(
          new Rule(
              List.of(new Test.FromNode()), anywhere, port.label() + " from this node", origin));
    } else if (!proxied) {
      rules.add(
          new Rule(
              List.of(),
              new Verdict.Mark(),
              port.label() + " is answered by way of this node",
              origin));
    }
    Fate fate = port.external();
    if (fate == Fate.CLUSTER || fate == Fate.LOCAL) {
      rules.add(
          new Rule(
              List.of(),
              new Verdict.Goto(name(port, fate)),
              port.label() + policy("externalTrafficPolicy", port.externalLocal()),
              origin));
    }
    return chain(Names.external(port), rules);
  }

  private static String policy(String field, boolean local) {
    return " " + field + " " + (local ? "Local" : "Cluster");
  }

  private static String name(ServicePort port, Fate fate) {
    return fate == Fate.LOCAL ? Names.local(port) : Names.cluster(port);
  }

  private boolean proxied(ServicePort port) {
    return proxyPort.isPresent() && port.transport() == Transport.TCP;
  }

  private Optional<Chain> pool(ServicePort port, Fate fate) {
    List<Target> targets = port.targets(fate);
    if (targets.isEmpty()) {
      return Optional.empty();
    }
    Optional<Origin> origin = Optional.of(port.origin());
    List<Rule> rules = new ArrayList<>();
    if (proxied(port)) {
      rules.add(
          new Rule(
              List.of(),
              new Verdict.Redirect(Transport.TCP, proxyPort.getAsInt()),
              port.label() + " to the proxy",
              origin));
      return Optional.of(chain(name(port, fate), rules));
    }
    if (port.affinitySeconds() > 0) {
      for (Target target : targets) {
        String chain = Names.target(port, target);
        rules.add(
            new Rule(
                List.of(new Test.Remembered(chain, port.affinitySeconds())),
                new Verdict.Goto(chain),
                port.label() + " was at " + socket(target),
                Optional.of(target.origin())));
      }
    }
    List<String> names = targets.stream().map(target -> Names.target(port, target)).toList();
    rules.add(
        new Rule(
            List.of(),
            names.size() == 1 ? new Verdict.Goto(names.getFirst()) : new Verdict.Spread(names),
            port.label(),
            origin));
    return Optional.of(chain(name(port, fate), rules));
  }

  private List<Rule> target(ServicePort port, Target target) {
    Optional<Origin> origin = Optional.of(target.origin());
    List<Rule> rules = new ArrayList<>();
    rules.add(
        new Rule(
            List.of(new Test.From(List.of(new IpBlock(target.address(), plan.family().bits())))),
            new Verdict.Mark(),
            port.label() + " to itself",
            origin));
    if (port.affinitySeconds() > 0) {
      rules.add(
          new Rule(
              List.of(),
              new Verdict.Remember(Names.target(port, target), port.affinitySeconds()),
              port.label() + " stays",
              origin));
    }
    rules.add(
        new Rule(
            List.of(),
            new Verdict.Deliver(port.transport(), target.address(), target.port()),
            port.label(),
            origin));
    return rules;
  }

  /** Of both pools, each once; none where the proxy goes to them. */
  private List<Target> targets(ServicePort port) {
    if (proxied(port)) {
      return List.of();
    }
    Map<String, Target> all = new LinkedHashMap<>();
    port.cluster().forEach(target -> all.put(socket(target), target));
    port.local().forEach(target -> all.putIfAbsent(socket(target), target));
    return List.copyOf(all.values());
  }

  private String socket(Target target) {
    return plan.family().socket(target.address(), target.port());
  }

  private static Chain chain(String name, List<Rule> rules) {
    return ServiceChains.nat(name, List.of(), rules);
  }
}
