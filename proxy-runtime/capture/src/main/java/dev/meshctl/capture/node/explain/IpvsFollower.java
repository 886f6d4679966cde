package dev.meshctl.capture.node.explain;

import dev.meshctl.capture.node.IpFamily;
import dev.meshctl.capture.node.NodePlan;
import dev.meshctl.capture.node.ServicePort;
import dev.meshctl.capture.node.ServicePort.Fate;
import dev.meshctl.capture.node.ServicePort.Front;
import dev.meshctl.capture.node.ServicePort.FrontKind;
import dev.meshctl.capture.node.ServicePort.Target;
import dev.meshctl.capture.node.explain.ServiceWay.Answer;
import dev.meshctl.capture.node.explain.ServiceWay.Door;
import dev.meshctl.capture.node.explain.ServiceWay.Outcome;
import dev.meshctl.capture.node.explain.ServiceWay.Step;
import dev.meshctl.capture.node.mode.IpvsTables;
import dev.meshctl.capture.node.mode.IpvsText;
import dev.meshctl.capture.node.mode.VirtualServer;
import dev.meshctl.capture.node.rules.Packet;
import dev.meshctl.capture.node.rules.Packet.From;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A packet under IPVS: marks, what is dropped before it, the virtual server. */
final class IpvsFollower {
  private final NodePlan plan;
  private final IpvsTables tables;

  IpvsFollower(NodePlan plan, IpvsTables tables) {
    this.plan = plan;
    this.tables = tables;
  }

  Door follow(ServicePort port, Front front, Packet packet) {
    List<Step> steps = new ArrayList<>();
    boolean marked = marked(port, front, packet, steps);
    if (front.kind() != FrontKind.NODE_PORT) {
      steps.add(
          new Step(
              "INPUT",
              "",
              0,
              List.of(packet.destination() + " is on " + IpvsTables.DEVICE),
              "a " + front.kind().words() + " is the node's own",
              front.origin()));
    }
    Optional<Step> dropped = dropped(port, front, packet);
    if (dropped.isPresent()) {
      steps.add(dropped.get());
      return ServiceExplainer.door(port, front, packet, Outcome.DROPPED, steps, List.of());
    }
    VirtualServer server =
        tables.servers().stream()
            .filter(each ->
                each.address().equals(packet.destination())
                    && each.port() == packet.port()
                    && each.transport() == packet.transport())
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no virtual server for " + packet));
    steps.add(
        new Step(
            "ipvs",
            "",
            0,
            IpvsText.server(plan.family(), server),
            server.label() + (server.servers().isEmpty() ? " has nobody" : " in turn"),
            server.origin()));
    if (marked && !server.servers().isEmpty()) {
      steps.add(
          new Step(
              "POSTROUTING",
              "MESH-POSTROUTING",
              0,
              List.of("-A MESH-POSTROUTING -j MASQUERADE --random-fully"),
              "the answer must come back by this node",
              null));
    }
    return ServiceExplainer.door(
        port,
        front,
        packet,
        server.servers().isEmpty() ? Outcome.REJECTED : Outcome.DELIVERED,
        steps,
        server.servers().stream()
            .map(target -> answer(target, server.servers().size(), marked))
            .toList());
  }

  private static Answer answer(Target target, int of, boolean marked) {
    return new Answer(
        target.address(),
        target.port(),
        1.0 / of,
        target.here(),
        marked ? "node" : "client",
        target.origin());
  }

  private boolean marked(ServicePort port, Front front, Packet packet, List<Step> steps) {
    String hook = packet.from() == From.NODE ? "OUTPUT" : "PREROUTING";
    if (front.kind() == FrontKind.CLUSTER_IP) {
      boolean pod =
          plan.node().podRanges(plan.family()).stream()
              .anyMatch(range -> IpFamily.contains(range, packet.source()));
      if (plan.node().podRanges(plan.family()).isEmpty() || pod) {
        return false;
      }
      steps.add(
          mark(
              hook, "-m set --match-set MESH-CLUSTER dst,dst -j MESH-OUTSIDE", "is no pod", front));
      return true;
    }
    if (!port.externalLocal()) {
      steps.add(
          mark(
              hook,
              "-m set --match-set MESH-ANYWHERE dst,dst",
              "is answered by way of this node",
              front));
      return true;
    }
    if (packet.from() == From.NODE) {
      steps.add(
          mark(
              hook,
              "-m addrtype --src-type LOCAL -m set --match-set MESH-LOCAL dst,dst",
              "from this node",
              front));
      return true;
    }
    return false;
  }

  private static Step mark(String hook, String tests, String why, Front front) {
    String verdict = tests.contains(" -j ") ? "" : " -j MARK --set-xmark 0x4000/0x4000";
    return new Step(
        hook,
        "MESH-SERVICES",
        0,
        List.of("-A MESH-SERVICES " + tests + verdict),
        why,
        front.origin());
  }

  /** What the filter takes away before IPVS sees it; it sees only what comes in. */
  private static Optional<Step> dropped(ServicePort port, Front front, Packet packet) {
    if (packet.from() == From.NODE) {
      return Optional.empty();
    }
    if (front.kind() == FrontKind.CLUSTER_IP) {
      return port.internal() == Fate.DROPPED
          ? drop(
              "-m set --match-set MESH-NOBODY dst,dst -j DROP", "no endpoint on this node", front)
          : Optional.empty();
    }
    boolean allowed =
        front.allowed().isEmpty()
            || front.allowed().stream()
                .anyMatch(range -> IpFamily.contains(range, packet.source()));
    if (!allowed) {
      return drop(
          "-m set --match-set MESH-BALANCER dst,dst -m set ! --match-set MESH-ALLOWED dst,dst,src"
              + " -j DROP",
          "not of the source ranges",
          new Front(front.kind(), front.address(), front.port(), front.guard()));
    }
    return port.external() == Fate.DROPPED && packet.from() == From.OUTSIDE
        ? drop(
            "-m set --match-set MESH-NOT-HERE dst,dst -j MESH-NOT-HERE",
            "no endpoint on this node",
            front)
        : Optional.empty();
  }

  private static Optional<Step> drop(String rule, String why, Front front) {
    return Optional.of(
        new Step(
            "INPUT", "MESH-UNSERVED", 0, List.of("-A MESH-UNSERVED " + rule), why, front.origin()));
  }
}
