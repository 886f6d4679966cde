package dev.meshctl.model.testkit;

import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.AccessRules;
import dev.meshctl.model.xds.AccessRules.Action;
import dev.meshctl.model.xds.AccessRules.Condition;
import dev.meshctl.model.xds.AccessRules.Policy;
import dev.meshctl.model.xds.AccessRules.Which;
import dev.meshctl.model.xds.FilterChain.Cidr;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Any access rules that xDS can say. */
public final class AccessArbitraries {
  private static final int DEPTH = 2;

  private AccessArbitraries() {}

  public static Arbitrary<AccessControl> ofRequests() {
    return controls(true);
  }

  public static Arbitrary<AccessControl> ofConnections() {
    return controls(false);
  }

  private static Arbitrary<AccessControl> controls(boolean requests) {
    Arbitrary<Policy> policies =
        Combinators.combine(
                nested(permissions(requests), DEPTH).list().ofMinSize(1).ofMaxSize(2),
                nested(principals(requests), DEPTH).list().ofMinSize(1).ofMaxSize(2))
            .as(Policy::new);
    Arbitrary<AccessRules> rules =
        Combinators.combine(
                Arbitraries.of(Action.class),
                Arbitraries.maps(XdsArbitraries.names(), policies).ofMaxSize(2))
            .as(AccessRules::new);
    return Combinators.combine(rules.optional(), rules.optional())
        .as(AccessControl::new)
        .withoutEdgeCases();
  }

  private static Arbitrary<Condition> nested(Arbitrary<Condition> leaf, int depth) {
    if (depth == 0) {
      return leaf;
    }
    Arbitrary<Condition> inner = nested(leaf, depth - 1);
    return Arbitraries.oneOf(
        leaf,
        inner.list().ofMinSize(1).ofMaxSize(2).map(Condition.All::new),
        inner.list().ofMinSize(1).ofMaxSize(2).map(Condition.AnyOf::new),
        inner.map(Condition.Not::new));
  }

  private static Arbitrary<Condition> anyAsked(boolean requests) {
    Arbitrary<Condition> always = Arbitraries.of(new Condition.Always());
    return requests
        ? Arbitraries.oneOf(
            always,
            RouteArbitraries.headerMatches().map(Condition.Header::new),
            RouteArbitraries.texts().map(Condition.UrlPath::new))
        : always;
  }

  private static Arbitrary<Condition> permissions(boolean requests) {
    Arbitrary<Integer> ports = Arbitraries.integers().between(0, 65535);
    return Arbitraries.oneOf(
        anyAsked(requests),
        cidrs().map(Condition.DestinationIp::new),
        ports.map(port -> new Condition.DestinationPort(port, port + 1)),
        Combinators.combine(ports, ports).as(Condition.DestinationPort::new),
        RouteArbitraries.texts().map(Condition.ServerName::new));
  }

  private static Arbitrary<Condition> principals(boolean requests) {
    return Arbitraries.oneOf(
        anyAsked(requests),
        RouteArbitraries.texts().optional().map(Condition.Authenticated::new),
        Combinators.combine(Arbitraries.of(Which.class), cidrs()).as(Condition.SourceIp::new));
  }

  private static Arbitrary<Cidr> cidrs() {
    return Arbitraries.of(new Cidr("10.0.0.0", 8), new Cidr("::", 0), new Cidr("1.2.3.4", 32));
  }
}
