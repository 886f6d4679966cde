package dev.meshctl.capture.node.explain;

import dev.meshctl.capture.node.IpFamily;
import dev.meshctl.capture.node.NodePlan;
import dev.meshctl.capture.node.NodeView;
import dev.meshctl.capture.node.ServicePort;
import dev.meshctl.capture.node.ServicePort.Front;
import dev.meshctl.capture.node.ServicePort.FrontKind;
import dev.meshctl.capture.node.ServicePort.Target;
import dev.meshctl.capture.node.explain.ServiceWay.Answer;
import dev.meshctl.capture.node.explain.ServiceWay.Door;
import dev.meshctl.capture.node.explain.ServiceWay.Outcome;
import dev.meshctl.capture.node.explain.ServiceWay.Step;
import dev.meshctl.capture.node.explain.ServiceWay.Unused;
import dev.meshctl.capture.node.mode.IptablesText;
import dev.meshctl.capture.node.mode.IpvsTables;
import dev.meshctl.capture.node.mode.NftText;
import dev.meshctl.capture.node.mode.RuleWords;
import dev.meshctl.capture.node.rules.Packet;
import dev.meshctl.capture.node.rules.Packet.From;
import dev.meshctl.capture.node.rules.Rule;
import dev.meshctl.capture.node.rules.RuleSet;
import dev.meshctl.capture.node.rules.ServiceChains;
import dev.meshctl.capture.node.rules.Test;
import dev.meshctl.capture.node.rules.Verdict;
import dev.meshctl.capture.node.rules.Verdict.Dispatch;
import dev.meshctl.capture.node.rules.Walk;
import dev.meshctl.capture.node.rules.Walk.End;
import dev.meshctl.capture.node.rules.Walk.Fate;
import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;

/** Follows a client to every door of a Service. */
public final class ServiceExplainer {
  /** Where the proxy of a node takes what is redirected. */
  private static final int PROXY_PORT = 15001;

  private final NodeView node;
  private final NodeMode mode;
  private final From from;
  private final Optional<String> source;

  /**
   * @param source address of the client; where none is said, one that stands for all of its kind
   */
  public ServiceExplainer(NodeView node, NodeMode mode, From from, Optional<String> source) {
    this.node = node;
    this.mode = mode;
    this.from = from;
    this.source = source;
  }

  /** The way to a Service of the mesh; without doors where the node does not carry it. */
  public ServiceWay explain(
      ValidatedMesh mesh, String namespace, String service, List<String> notes) {
    List<Door> doors = new ArrayList<>();
    List<String> sources = new ArrayList<>();
    for (IpFamily family : IpFamily.values()) {
      if (source.isPresent() && !family.holds(source.get())) {
        continue;
      }
      NodePlan plan = NodePlan.of(mesh, node, family);
      List<ServicePort> ports = plan.only(namespace, service).ports();
      if (!ports.isEmpty()) {
        String client = source.orElseGet(() -> client(family));
        sources.add(client);
        Follower follower = follower(plan);
        ports.forEach(port -> doors.addAll(doors(follower, port, family, client)));
      }
    }
    return new ServiceWay(
        namespace + "/" + service,
        node.name(),
        mode,
        from.name().toLowerCase(Locale.ROOT),
        sources,
        doors,
        notes);
  }

  /** One that stands for all of its kind; those from outside are of a range for documents. */
  private String client(IpFamily family) {
    String outside = family == IpFamily.V4 ? "192.0.2.1" : "2001:db8::1";
    return switch (from) {
      case POD -> node.podRanges(family).stream().map(IpBlock::address).findFirst().orElse(outside);
      case NODE -> node.addresses().stream().filter(family::holds).findFirst().orElse(outside);
      case OUTSIDE -> outside;
    };
  }

  /** How a packet fares under one mode. */
  private interface Follower {
    Door follow(ServicePort port, Front front, Packet packet);
  }

  private Follower follower(NodePlan plan) {
    return switch (mode) {
      case iptables -> chains(plan, ServiceChains.toEndpoints(plan), IptablesText::words);
      case nftables -> chains(plan, ServiceChains.toEndpoints(plan), NftText::words);
      case userspace -> chains(plan, ServiceChains.toProxy(plan, PROXY_PORT), IptablesText::words);
      case ipvs -> {
        IpvsFollower ipvs = new IpvsFollower(plan, IpvsTables.of(plan));
        yield ipvs::follow;
      }
    };
  }

  private Follower chains(NodePlan plan, RuleSet rules, Function<RuleSet, RuleWords> words) {
    RuleWords inWords = words.apply(rules);
    return (port, front, packet) -> follow(plan, rules, inWords, port, front, packet);
  }

  /** Every address of the front. */
  private List<Door> doors(Follower follower, ServicePort port, IpFamily family, String client) {
    List<Door> doors = new ArrayList<>();
    for (Front front : port.fronts()) {
      List<String> addresses =
          front.kind() == FrontKind.NODE_PORT
              ? node.nodePortAddresses(family)
              : List.of(front.address());
      for (String address : addresses) {
        doors.add(
            follower.follow(
                port, front, new Packet(from, client, address, port.transport(), front.port())));
      }
    }
    return doors;
  }

  private Door follow(
      NodePlan plan, RuleSet rules, RuleWords words, ServicePort port, Front front, Packet packet) {
    Walk walk = Walk.of(rules, node, packet);
    List<Step> steps = new ArrayList<>();
    for (Walk.Step step : walk.steps()) {
      steps.add(step(step, words, packet));
    }
    if (walk.ends().stream().anyMatch(End::masqueraded)) {
      leaving(rules, words).forEach(steps::add);
    }
    boolean redirected = walk.ends().stream().anyMatch(end -> end.fate() == Fate.REDIRECTED);
    List<Answer> answers =
        redirected
            ? proxied(port, front, packet, steps)
            : walk.ends().stream()
                .filter(end -> end.fate() == Fate.DELIVERED)
                .map(end -> answer(port, end))
                .toList();
    return door(port, front, packet, outcome(walk), steps, answers);
  }

  static Door door(
      ServicePort port,
      Front front,
      Packet packet,
      Outcome outcome,
      List<Step> steps,
      List<Answer> answers) {
    return new Door(
        port.label(),
        front.kind().words(),
        packet.destination(),
        packet.port(),
        packet.transport().name().toLowerCase(Locale.ROOT),
        outcome,
        steps,
        answers,
        port.omitted().stream()
            .map(each -> new Unused(each.address(), each.why(), each.origin()))
            .toList());
  }

  private static Outcome outcome(Walk walk) {
    return switch (walk.ends().getFirst().fate()) {
      case DELIVERED, REDIRECTED -> Outcome.DELIVERED;
      case DROPPED -> Outcome.DROPPED;
      // Nobody has the address: whoever routes there is told so.
      case REJECTED, UNTOUCHED -> Outcome.REJECTED;
    };
  }

  private static Step step(Walk.Step step, RuleWords words, Packet packet) {
    Rule rule = narrowed(step.rule(), packet);
    List<String> lines =
        rule.verdict() instanceof Dispatch dispatch && step.of().isPresent()
            ? List.of(words.line(step.chain(), dispatch, step.of().get()))
            : words.lines(step.chain(), rule);
    return new Step(
        step.hook().name(),
        step.chain().name(),
        step.depth(),
        lines,
        step.of().map(of -> of.why()).orElse(rule.why()),
        step.of().map(of -> of.origin()).or(rule::origin).orElse(null));
  }

  /** Of a rule that tools must write as several, the one that the packet meets. */
  private static Rule narrowed(Rule rule, Packet packet) {
    List<Test> tests =
        rule.tests().stream()
            .map(test -> test instanceof Test.From any ? matching(any, packet) : test)
            .map(test ->
                test instanceof Test.ToAny
                    ? new Test.ToAny(new TreeSet<>(List.of(packet.destination())))
                    : test)
            .toList();
    return new Rule(tests, rule.verdict(), rule.why(), rule.origin());
  }

  private static Test matching(Test.From any, Packet packet) {
    return new Test.From(
        any.ranges().stream()
            .filter(range -> IpFamily.contains(range, packet.source()))
            .limit(1)
            .toList());
  }

  private static List<Step> leaving(RuleSet rules, RuleWords words) {
    List<Step> steps = new ArrayList<>();
    for (var chain : rules.chains()) {
      for (Rule rule : chain.rules()) {
        if (rule.verdict() instanceof Verdict.Masquerade) {
          steps.add(
              new Step("POSTROUTING", chain.name(), 0, words.lines(chain, rule), rule.why(), null));
        }
      }
    }
    return steps;
  }

  /** Beyond the redirect: the proxy's listener of the address, and its cluster. */
  private List<Answer> proxied(ServicePort port, Front front, Packet packet, List<Step> steps) {
    ServicePort.Fate fate = port.fate(front, from == From.OUTSIDE);
    boolean chosen = port.externalLocal() && front.kind() != FrontKind.CLUSTER_IP;
    steps.add(
        new Step(
            "proxy",
            "",
            0,
            List.of("listener " + packet.destination() + ":" + packet.port()),
            port.label() + " by its original destination",
            front.origin()));
    steps.add(
        new Step(
            "proxy",
            "",
            0,
            List.of(
                (chosen ? "filter chain by source, " : "")
                    + "cluster of "
                    + (fate == ServicePort.Fate.LOCAL ? "this node's endpoints" : "all endpoints")
                    + (port.affinitySeconds() > 0 ? ", hashed by source" : ", round robin")),
            port.label(),
            port.origin()));
    List<Target> targets = port.targets(fate);
    return targets.stream()
        .map(target ->
            new Answer(
                target.address(),
                target.port(),
                1.0 / targets.size(),
                target.here(),
                "node",
                target.origin()))
        .toList();
  }

  private static Answer answer(ServicePort port, End end) {
    Target target = target(port, end.address(), end.port());
    return new Answer(
        end.address(),
        end.port(),
        end.share(),
        target.here(),
        end.masqueraded() ? "node" : "client",
        target.origin());
  }

  private static Target target(ServicePort port, String address, int number) {
    List<Target> all = new ArrayList<>(port.cluster());
    all.addAll(port.local());
    return all.stream()
        .filter(each -> each.address().equals(address) && each.port() == number)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no endpoint " + address));
  }
}
