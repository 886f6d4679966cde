package dev.meshctl.model.xds.translation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.match.CompiledAccess;
import dev.meshctl.model.match.CompiledAccess.Decision;
import dev.meshctl.model.match.ConnectionFacts;
import dev.meshctl.model.match.RequestView;
import dev.meshctl.model.match.TextRequest;
import dev.meshctl.model.resource.AuthorizationPolicy;
import dev.meshctl.model.resource.AuthorizationPolicy.Action;
import dev.meshctl.model.resource.AuthorizationPolicy.Condition;
import dev.meshctl.model.resource.AuthorizationPolicy.Rule;
import dev.meshctl.model.resource.AuthorizationPolicy.Target;
import dev.meshctl.model.resource.AuthorizationPolicy.TargetKind;
import dev.meshctl.model.resource.AuthorizationPolicy.Tests;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import dev.meshctl.model.xds.translation.AccessPolicies.Attached;
import dev.meshctl.model.xds.translation.AccessPolicies.Place;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessPoliciesTest {
  private static final Map<String, String> WEB = Map.of("app", "web");
  private static final Attached WEB_SERVICE =
      new Attached("shop", new Target(TargetKind.SERVICE, "web"));
  private static final Place WEB_PLACE = new Place("shop", WEB, Set.of(WEB_SERVICE));
  private static final Rule EVERYTHING = new Rule(List.of(), List.of(), List.of(), false);

  private static AccessPolicies policies(AuthorizationPolicy... policies) {
    return AccessPolicies.of(List.of(policies), "istio-system");
  }

  private static AuthorizationPolicy policy(Action action, Rule... rules) {
    return new AuthorizationPolicy(
        new Metadata("shop", action.name(), Map.of(), Map.of()),
        WEB,
        List.of(),
        action,
        Arrays.asList(rules));
  }

  private static Rule to(String field, String... values) {
    Tests operation = new Tests(List.of(new Condition(field, List.of(values), List.of())));
    return new Rule(List.of(), List.of(operation), List.of(), false);
  }

  private static boolean passes(
      List<AccessControl> controls, @Nullable RequestView request, String... client) {
    ConnectionFacts connection =
        new ConnectionFacts(
            new InetSocketAddress("10.0.0.1", 8080),
            new InetSocketAddress("10.0.0.2", 40000),
            client.length > 0,
            "",
            Arrays.asList(client));
    return controls.stream()
        .map(CompiledAccess::compile)
        .allMatch(access -> access.decide(request, connection) instanceof Decision.Allowed);
  }

  private static boolean passes(AccessPolicies policies, String path, String... client) {
    List<AccessControl> controls =
        policies.http(WEB_PLACE).stream()
            .map(filter -> ((HttpFilter.Access) filter).control())
            .toList();
    return passes(controls, TextRequest.get("web.shop", path), client);
  }

  @Test
  void without_policies_all_is_allowed_and_with_an_empty_one_nothing() {
    assertThat(passes(policies(), "/")).isTrue();
    assertThat(passes(policies(policy(Action.ALLOW)), "/")).isFalse();
    assertThat(passes(policies(policy(Action.ALLOW, EVERYTHING)), "/")).isTrue();
    assertThat(passes(policies(policy(Action.DENY)), "/")).isTrue();
  }

  @Test
  void what_denies_comes_before_what_allows() {
    AccessPolicies both =
        policies(
            policy(Action.ALLOW, to("paths", "/a*")), policy(Action.DENY, to("paths", "/a/b")));
    assertThat(passes(both, "/a/c")).isTrue();
    assertThat(passes(both, "/a/b")).isFalse();
    assertThat(passes(both, "/c")).isFalse();
  }

  @Test
  void clients_are_known_by_principal_and_namespace() {
    Tests source =
        new Tests(List.of(new Condition("namespaces", List.of("sh*"), List.of("shop-test"))));
    AccessPolicies policies =
        policies(policy(Action.ALLOW, new Rule(List.of(source), List.of(), List.of(), false)));
    assertThat(passes(policies, "/", "spiffe://cluster.local/ns/shop/sa/a")).isTrue();
    assertThat(passes(policies, "/", "spiffe://cluster.local/ns/shop-test/sa/a")).isFalse();
    assertThat(passes(policies, "/", "spiffe://cluster.local/ns/other/sa/shop")).isFalse();
    assertThat(passes(policies, "/")).isFalse();
  }

  @Test
  void what_cannot_be_asked_of_a_connection_opens_no_door() {
    assertThat(passes(policies(policy(Action.ALLOW, to("paths", "/"))).tcp(WEB_PLACE), null))
        .isFalse();
    assertThat(passes(policies(policy(Action.DENY, to("paths", "/"))).tcp(WEB_PLACE), null))
        .isFalse();
    assertThat(passes(policies(policy(Action.ALLOW, to("ports", "8080"))).tcp(WEB_PLACE), null))
        .isTrue();
  }

  @Test
  void what_is_not_applied_opens_no_door() {
    Rule token = new Rule(List.of(), List.of(), List.of(), true);
    assertThat(passes(policies(policy(Action.ALLOW, token)), "/")).isFalse();
    assertThat(passes(policies(policy(Action.DENY, token)), "/")).isFalse();
    assertThat(passes(policies(policy(Action.CUSTOM, EVERYTHING)), "/")).isFalse();
    assertThat(passes(policies(policy(Action.AUDIT, EVERYTHING)), "/")).isTrue();
  }

  @Test
  void policies_of_other_workloads_say_nothing() {
    AccessPolicies policies = policies(policy(Action.DENY, EVERYTHING));
    assertThat(policies.http(new Place("shop", Map.of("app", "other"), Set.of()))).isEmpty();
    assertThat(policies.http(new Place("elsewhere", WEB, Set.of()))).isEmpty();
  }

  @Test
  void a_path_template_takes_one_element_or_many() {
    AccessPolicies policies = policies(policy(Action.ALLOW, to("paths", "/a/{*}/b", "/c.d/{**}")));
    assertThat(passes(policies, "/a/x/b")).isTrue();
    assertThat(passes(policies, "/a/x/y/b")).isFalse();
    assertThat(passes(policies, "/c.d/x/y")).isTrue();
    assertThat(passes(policies, "/c-d/x/y")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "ports,eighty",
    "ports,80801",
    "ports,0",
    "ports,-1",
    "ipBlocks,10.0.0.0/33",
    "ipBlocks,10.0.0",
    "ipBlocks,ten",
    "remoteIpBlocks,::1/129",
    "destination.ip,10.0.0.2/",
    "destination.port,http",
    "request.headers[a b],x",
    "request.headers[],x"
  })
  void a_malformed_value_closes_and_takes_no_listener_down(String field, String value) {
    // Beside a value that does not hold, so that the rule as meant would not hold either.
    Tests tests = new Tests(List.of(new Condition(field, List.of("9", value), List.of())));
    Tests not = new Tests(List.of(new Condition(field, List.of(), List.of(value))));
    for (Tests each : List.of(tests, not)) {
      Rule rule = new Rule(List.of(), List.of(each), List.of(), false);
      assertThat(passes(policies(policy(Action.DENY, rule)), "/")).isFalse();
      assertThat(passes(policies(policy(Action.ALLOW, rule)), "/")).isFalse();
      assertThat(passes(policies(policy(Action.DENY, rule)).tcp(WEB_PLACE), null)).isFalse();
    }
  }

  @Test
  void a_policy_with_targets_covers_them_and_nothing_else() {
    AuthorizationPolicy denial =
        new AuthorizationPolicy(
            new Metadata("shop", "none", Map.of(), Map.of()),
            Map.of(),
            List.of(WEB_SERVICE.target(), new Target(TargetKind.GATEWAY, "front")),
            Action.DENY,
            List.of(EVERYTHING));
    AccessPolicies policies = policies(denial);
    assertThat(passes(policies, "/")).isFalse();
    Attached front = new Attached("shop", new Target(TargetKind.GATEWAY, "front"));
    assertThat(policies.http(new Place("edge", Map.of(), Set.of(front)))).isNotEmpty();

    Attached webGateway = new Attached("shop", new Target(TargetKind.GATEWAY, "web"));
    assertThat(policies.http(new Place("shop", WEB, Set.of(webGateway)))).isEmpty();
    Attached foreign = new Attached("other", WEB_SERVICE.target());
    assertThat(policies.http(new Place("shop", WEB, Set.of(foreign)))).isEmpty();
    assertThat(policies.http(new Place("shop", WEB, Set.of()))).isEmpty();
  }
}
