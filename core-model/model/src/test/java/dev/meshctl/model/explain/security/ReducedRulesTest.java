package dev.meshctl.model.explain.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.match.CompiledAccess;
import dev.meshctl.model.match.ConnectionFacts;
import dev.meshctl.model.match.TextRequest;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.AccessRules;
import dev.meshctl.model.xds.AccessRules.Condition;
import dev.meshctl.model.xds.AccessRules.Which;
import dev.meshctl.model.xds.FilterChain.Cidr;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ReducedRulesTest {
  private static final ConnectionFacts FACTS =
      new ConnectionFacts(
          socket("10.0.0.2", 9080), socket("10.0.0.1", 0), true, "", List.of("spiffe://td/a"));

  private static InetSocketAddress socket(String address, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), port);
  }

  @Provide
  static Arbitrary<AccessControl> controls() {
    Arbitrary<Condition> conditions = conditions(3);
    Arbitrary<AccessRules.Policy> policies =
        Combinators.combine(
                conditions.list().ofMinSize(1).ofMaxSize(2),
                conditions.list().ofMinSize(1).ofMaxSize(2))
            .as(AccessRules.Policy::new);
    return Combinators.combine(
            Arbitraries.of(AccessRules.Action.ALLOW, AccessRules.Action.DENY),
            Arbitraries.maps(Arbitraries.of("p", "q", "r"), policies).ofMaxSize(3))
        .as((action, of) -> AccessControl.enforcing(new AccessRules(action, of)));
  }

  private static Arbitrary<Condition> conditions(int depth) {
    Arbitrary<Condition> leaves =
        Arbitraries.of(
            new Condition.Always(),
            new Condition.Header(new HeaderMatch(":method", new ValueMatch.Exact("GET"), false)),
            new Condition.Header(new HeaderMatch("x-user", new ValueMatch.Present(), true)),
            new Condition.UrlPath(new ValueMatch.Prefix("/a")),
            new Condition.UrlPath(new ValueMatch.Exact("/b")),
            new Condition.DestinationPort(9080, 9081),
            new Condition.DestinationPort(80, 81),
            new Condition.Authenticated(Optional.of(new ValueMatch.Exact("spiffe://td/a"))),
            new Condition.Authenticated(Optional.of(new ValueMatch.Exact("spiffe://td/b"))),
            new Condition.SourceIp(Which.DIRECT, new Cidr("10.0.0.1", 32)),
            new Condition.SourceIp(Which.REMOTE, new Cidr("10.9.0.0", 16)),
            new Condition.DestinationIp(new Cidr("10.0.0.0", 8)));
    if (depth == 0) {
      return leaves;
    }
    Arbitrary<Condition> inner = conditions(depth - 1);
    Arbitrary<List<Condition>> several = inner.list().ofMaxSize(3);
    return Arbitraries.oneOf(
        leaves,
        several.map(Condition.All::new),
        several.map(Condition.AnyOf::new),
        inner.map(Condition.Not::new));
  }

  @Property(tries = 2000)
  void every_request_is_decided_as_by_the_whole_rules(
      @ForAll("controls") AccessControl control, @ForAll boolean addressesKnown) {
    AccessControl reduced = ReducedRules.of(List.of(control), FACTS, addressesKnown).getFirst();

    for (TextRequest request : requests()) {
      assertThat(CompiledAccess.compile(reduced).decide(request, FACTS).getClass())
          .isEqualTo(CompiledAccess.compile(control).decide(request, FACTS).getClass());
    }
  }

  /** What may always be done is so for each of these, and what may never, too. */
  private static List<TextRequest> requests() {
    return List.of(
        TextRequest.get("h", "/a/1"),
        TextRequest.get("h", "/b?q=1"),
        TextRequest.of("POST", "http", "h", "/a"),
        TextRequest.of("POST", "http", "h", "/c").with("x-user", "jo"));
  }

  @Property(tries = 500)
  void nothing_that_is_known_of_a_connection_is_asked_again(
      @ForAll("controls") AccessControl control) {
    AccessControl reduced = ReducedRules.of(List.of(control), FACTS, true).getFirst();

    assertThat(reduced.rules().orElseThrow().policies().values())
        .allSatisfy(policy -> {
          assertThat(policy.permissions()).allMatch(ReducedRulesTest::isOfRequests);
          assertThat(policy.principals()).allMatch(ReducedRulesTest::isOfRequests);
        });
  }

  private static boolean isOfRequests(Condition condition) {
    return switch (condition) {
      case Condition.Always _, Condition.Header _, Condition.UrlPath _ -> true;
      case Condition.All(var of) -> of.stream().allMatch(ReducedRulesTest::isOfRequests);
      case Condition.AnyOf(var of) -> of.stream().allMatch(ReducedRulesTest::isOfRequests);
      case Condition.Not(var of) -> isOfRequests(of);
      case Condition.DestinationIp _,
          Condition.DestinationPort _,
          Condition.ServerName _,
          Condition.Authenticated _,
          Condition.SourceIp _ ->
          false;
    };
  }
}
