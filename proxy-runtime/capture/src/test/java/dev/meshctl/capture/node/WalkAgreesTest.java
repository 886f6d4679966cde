package dev.meshctl.capture.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.meshctl.capture.node.ServicePort.Front;
import dev.meshctl.capture.node.ServicePort.FrontKind;
import dev.meshctl.capture.node.ServicePort.Target;
import dev.meshctl.capture.node.rules.Packet;
import dev.meshctl.capture.node.rules.Packet.From;
import dev.meshctl.capture.node.rules.RuleSet;
import dev.meshctl.capture.node.rules.ServiceChains;
import dev.meshctl.capture.node.rules.Walk;
import dev.meshctl.capture.node.rules.Walk.End;
import dev.meshctl.capture.node.rules.Walk.Fate;
import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What a packet meets in the chains is what the plan means. */
class WalkAgreesTest {
  private static final Origin NOWHERE = new Origin("Service", "shop", "cart", "", "", 1);
  private static final NodeView NODE =
      new NodeView(
          "node1", "", List.of("172.30.0.1"), List.of(new IpBlock("10.244.0.0", 16)), List.of());
  private static final IpBlock FRIENDS = new IpBlock("192.0.2.0", 24);

  @Property
  void every_packet_comes_out_where_the_plan_says(
      @ForAll("ports") ServicePort port, @ForAll("clients") Packet client) {
    NodePlan plan = new NodePlan(NODE, IpFamily.V4, List.of(port));
    RuleSet rules = ServiceChains.toEndpoints(plan);
    for (Front front : port.fronts()) {
      String address = front.address().isEmpty() ? "172.30.0.1" : front.address();
      Packet packet =
          new Packet(client.from(), client.source(), address, Transport.TCP, front.port());

      Walk walk = Walk.of(rules, NODE, packet);

      assertThat(walk.ends().stream().mapToDouble(End::share).sum()).isCloseTo(1, within(1e-9));
      ServicePort.Fate meant = meant(port, front, client);
      assertThat(places(walk)).as("%s %s", front, walk).isEqualTo(places(port, meant));
      for (End end : walk.ends()) {
        if (end.fate() == Fate.DELIVERED) {
          assertThat(end.masqueraded())
              .as("%s to %s", packet, end)
              .isEqualTo(masqueraded(port, front, client, end));
        }
      }
    }
  }

  private static ServicePort.Fate meant(ServicePort port, Front front, Packet client) {
    if (front.kind() == FrontKind.CLUSTER_IP) {
      return port.internal();
    }
    boolean allowed =
        front.allowed().isEmpty()
            || front.allowed().stream()
                .anyMatch(range -> IpFamily.contains(range, client.source()));
    if (!allowed && port.served()) {
      return ServicePort.Fate.DROPPED;
    }
    boolean shortcut = client.from() != From.OUTSIDE && port.externalLocal();
    return shortcut ? port.shortcut() : port.external();
  }

  private static boolean masqueraded(ServicePort port, Front front, Packet client, End end) {
    if (end.address().equals(client.source())) {
      return true;
    }
    if (front.kind() == FrontKind.CLUSTER_IP) {
      return client.from() != From.POD;
    }
    return !port.externalLocal() || client.from() == From.NODE;
  }

  private static Set<String> places(Walk walk) {
    return walk.ends().stream()
        .map(end ->
            end.fate() == Fate.DELIVERED ? end.address() + ":" + end.port() : end.fate().toString())
        .collect(Collectors.toSet());
  }

  private static Set<String> places(ServicePort port, ServicePort.Fate fate) {
    return switch (fate) {
      case CLUSTER, LOCAL ->
          port.targets(fate).stream()
              .map(target -> target.address() + ":" + target.port())
              .collect(Collectors.toSet());
      case REJECTED -> Set.of("REJECTED");
      case DROPPED -> Set.of("DROPPED");
    };
  }

  @Provide
  Arbitrary<Packet> clients() {
    return Arbitraries.of(
        new Packet(From.POD, "10.244.1.2", "", Transport.TCP, 0),
        new Packet(From.POD, "10.244.2.9", "", Transport.TCP, 0),
        new Packet(From.NODE, "172.30.0.1", "", Transport.TCP, 0),
        new Packet(From.OUTSIDE, "192.0.2.7", "", Transport.TCP, 0),
        new Packet(From.OUTSIDE, "198.18.0.1", "", Transport.TCP, 0));
  }

  @Provide
  Arbitrary<ServicePort> ports() {
    Arbitrary<Boolean> flag = Arbitraries.of(true, false);
    return Combinators.combine(
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, 2),
            flag,
            flag,
            Arbitraries.subsetOf(FrontKind.values()),
            flag,
            Arbitraries.of(0, 600))
        .as(WalkAgreesTest::port);
  }

  private static ServicePort port(
      int elsewhere,
      int here,
      boolean internalLocal,
      boolean externalLocal,
      Set<FrontKind> kinds,
      boolean ranges,
      int affinity) {
    List<Target> local = new ArrayList<>();
    for (int i = 0; i < here; i++) {
      local.add(new Target("10.244.1." + (2 + i), 8080, true, false, NOWHERE));
    }
    List<Target> cluster = new ArrayList<>(local);
    for (int i = 0; i < elsewhere; i++) {
      cluster.add(new Target("10.244.2." + (2 + i), 8080, false, false, NOWHERE));
    }
    List<Front> fronts = new ArrayList<>();
    for (FrontKind kind : kinds) {
      fronts.add(
          switch (kind) {
            case CLUSTER_IP -> new Front(kind, "10.96.0.10", 80, NOWHERE);
            case EXTERNAL_IP -> new Front(kind, "198.51.100.1", 80, NOWHERE);
            case LOAD_BALANCER ->
                new Front(
                    kind,
                    "203.0.113.1",
                    80,
                    ranges ? List.of(FRIENDS) : List.of(),
                    NOWHERE,
                    NOWHERE);
            case NODE_PORT -> new Front(kind, "", 30080, NOWHERE);
          });
    }
    return new ServicePort(
        "shop",
        "cart",
        "http",
        Transport.TCP,
        fronts,
        cluster,
        internalLocal || externalLocal ? local : List.of(),
        !cluster.isEmpty(),
        internalLocal,
        externalLocal,
        affinity,
        List.of(),
        0,
        NOWHERE,
        NOWHERE,
        NOWHERE);
  }
}
