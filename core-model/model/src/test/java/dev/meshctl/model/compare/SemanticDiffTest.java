package dev.meshctl.model.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.compare.Difference.Change;
import dev.meshctl.model.compare.Difference.Requests;
import dev.meshctl.model.compare.Difference.Where;
import dev.meshctl.model.explain.Explanation.Outcome;
import dev.meshctl.model.explain.Question;
import dev.meshctl.model.explain.RequestExplainer;
import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SemanticDiffTest {
  private static final String WORKLOADS =
      MeshText.accounts("shop", "page")
          + MeshText.workload("shop", "page", 1, "page", "app: page")
          + MeshText.workload("shop", "reviews-v1", 1, "default", "app: reviews, version: v1")
          + MeshText.workload("shop", "reviews-v2", 1, "default", "app: reviews, version: v2")
          + MeshText.service(
              "shop",
              "reviews",
              "selector: {app: reviews},"
                  + " ports: [{name: http, port: 9080}, {name: tcp-sync, port: 9090}]");
  private static final String SUBSETS =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: reviews, namespace: shop}
      spec:
        host: reviews
        subsets:
          - {name: v1, labels: {version: v1}}
          - {name: v2, labels: {version: v2}}
      """;
  private static final String GATEWAY =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: edge, namespace: shop}
      spec:
        selector: {istio: ingressgateway}
        servers: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: [shop.example]}]
      """;

  private static String rules(String http) {
    return SUBSETS + MeshText.rules("shop", "reviews", http);
  }

  private static ValidatedMesh mesh(String yaml) {
    return MeshText.valid(WORKLOADS + yaml);
  }

  private static List<Requests> between(String before, String after) {
    Difference difference = SemanticDiff.between(mesh(before), mesh(after));
    assertThat(difference.limits()).isEmpty();
    return difference.classes();
  }

  @Test
  void rules_that_do_not_overlap_may_change_places() {
    String one =
        "- {match: [{uri: {prefix: /a}}], route: [{destination: {host: reviews, subset: v1}}]}\n";
    String other =
        "- {match: [{uri: {prefix: /b}}], route: [{destination: {host: reviews, subset: v2}}]}\n";
    assertThat(between(rules(one + other), rules(other + one))).isEmpty();
  }

  @Test
  void rules_that_overlap_change_what_both_would_take() {
    String one =
        "- {match: [{uri: {prefix: /a}}], route: [{destination: {host: reviews, subset: v1}}]}\n";
    String other =
        "- {match: [{headers: {user: {exact: jason}}}],"
            + " route: [{destination: {host: reviews, subset: v2}}]}\n";
    Requests changed = only(between(rules(one + other), rules(other + one)));
    assertThat(changed.where()).isEqualTo(Where.CLIENTS);
    assertThat(changed.example().path()).isEqualTo("/a");
    assertThat(changed.example().headers()).isEqualTo(Map.of("user", "jason"));
    assertThat(changed.changes())
        .containsExactly(
            new Change(
                "to",
                "reviews.shop.svc.cluster.local:9080 at reviews-v1:9080",
                "reviews.shop.svc.cluster.local:9080 at reviews-v2:9080"));
    assertThat(changed.proxies())
        .containsExactly("shop/page", "shop/reviews-v1", "shop/reviews-v2");
  }

  @Test
  void who_denies_what_is_denied_makes_no_difference() {
    String allow =
        """
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: nobody, namespace: shop}
        spec: {selector: {matchLabels: {app: reviews}}, action: ALLOW}
        """;
    String deny =
        allow.replace("name: nobody", "name: closed").replace("ALLOW}", "DENY, rules: [{}]}");
    assertThat(between(allow, allow + deny)).isEmpty();
  }

  @Test
  void weights_are_proportions_and_subsets_are_who_is_in_them() {
    String before =
        rules(
            "- route: [{destination: {host: reviews, subset: v1}, weight: 50},"
                + " {destination: {host: reviews, subset: v2}, weight: 100}]");
    String after =
        before
            .replace("weight: 50", "weight: 1")
            .replace("weight: 100", "weight: 2")
            .replace("name: v1", "name: stable")
            .replace("subset: v1", "subset: stable");
    assertThat(between(before, after)).isEmpty();
  }

  @Test
  void a_rewrite_that_makes_the_same_of_every_path_is_the_same() {
    String rule =
        "- {match: [{uri: {prefix: %s}}], rewrite: {uri: %s}, route: [{destination: {host:"
            + " reviews}}]}";
    assertThat(between(rules(rule.formatted("/a/", "/b/")), rules(rule.formatted("/a/", "/b/"))))
        .isEmpty();
    Requests changed =
        only(between(rules(rule.formatted("/a/", "/b/")), rules(rule.formatted("/a/", "/c/"))));
    assertThat(changed.changes()).containsExactly(new Change("path", "becomes /b/", "becomes /c/"));
  }

  @Test
  void what_a_destination_rule_says_of_connections_is_noticed() {
    List<Requests> changed =
        between(
            rules("- route: [{destination: {host: reviews, subset: v1}}]"),
            rules("- route: [{destination: {host: reviews, subset: v1}}]")
                .replace(
                    "  host: reviews\n  subsets",
                    "  host: reviews\n"
                        + "  trafficPolicy: {connectionPool: {http: {maxRetries: 7}},"
                        + " tls: {mode: DISABLE}}\n  subsets"));
    assertThat(changed)
        .extracting(requests -> requests.example().isRequest())
        .containsExactlyInAnyOrder(true, false);
    assertThat(changed)
        .allSatisfy(requests -> {
          assertThat(requests.changes())
              .extracting(Change::trait)
              .containsExactly("tls", "limits", "tls settings");
          assertThat(requests.changes())
              .contains(new Change("limits", "none", "at a time 7 retries"));
        });
  }

  @Test
  void a_policy_changes_who_is_let_in() {
    Requests changed =
        only(
            between(
                "",
                """
                ---
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: no-writing, namespace: shop}
                spec:
                  selector: {matchLabels: {app: reviews, version: v2}}
                  action: DENY
                  rules:
                    - from: [{source: {principals: [cluster.local/ns/shop/sa/page]}}]
                      to: [{operation: {methods: [DELETE], ports: ['9080']}}]
                """));
    assertThat(changed.where()).isEqualTo(Where.SERVERS);
    assertThat(changed.proxies()).containsExactly("shop/reviews-v2");
    assertThat(changed.example().from()).isEqualTo("shop/page");
    assertThat(changed.example().method()).isEqualTo("DELETE");
    assertThat(changed.changes()).containsExactly(new Change("access", "let in", "denied"));
    assertThat(changed.before()).isNull();
    assertThat(changed.after()).isNotNull();
  }

  @Test
  void a_policy_by_address_shows_an_address_that_it_refuses() {
    Requests changed =
        only(
            between(
                "",
                """
                ---
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: not-from-there, namespace: shop}
                spec:
                  selector: {matchLabels: {version: v1}}
                  action: DENY
                  rules: [{from: [{source: {ipBlocks: [10.1.0.0/16], notIpBlocks: [10.1.0.0/24]}}]}]
                """));
    assertThat(changed.example().source()).isEqualTo("10.1.1.0");
  }

  @Test
  void mutual_tls_that_becomes_strict_shuts_out_who_comes_in_the_clear() {
    List<Requests> changed =
        between(
            "",
            """
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: default, namespace: shop}
            spec: {mtls: {mode: STRICT}}
            """);
    assertThat(changed)
        .allSatisfy(one -> {
          assertThat(one.where()).isEqualTo(Where.SERVERS);
          assertThat(one.example().from()).isEmpty();
        });
    assertThat(changed).hasSize(1);
  }

  @Test
  void a_new_service_is_reached_by_requests_that_passed_before() {
    List<Requests> changed =
        between(
            "",
            """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: page, namespace: shop}
            spec: {selector: {app: page}, ports: [{name: http, port: 80}]}
            """);
    // Whatever port its authority names.
    assertThat(changed).hasSize(1);
    assertThat(changed)
        .allSatisfy(one -> {
          assertThat(one.example().to()).isEqualTo("page:80");
          assertThat(one.changes())
              .contains(new Change("answer", "passes as it is, to where its name leads", ""));
        });
  }

  @Test
  void a_sidecar_that_lets_nothing_unknown_out_closes_what_passed() {
    Requests changed =
        only(
            between(
                    "",
                    """
                    ---
                    apiVersion: networking.istio.io/v1
                    kind: Sidecar
                    metadata: {name: default, namespace: shop}
                    spec:
                      egress: [{hosts: ["./*"]}]
                      outboundTrafficPolicy: {mode: REGISTRY_ONLY}
                    """)
                .stream()
                .filter(requests -> requests.example().to().startsWith("outside"))
                .toList());
    assertThat(changed.changes())
        .containsExactly(
            new Change(
                "answer",
                "passes as it is, to where its name leads",
                "the connection is closed (REGISTRY_ONLY)"));
  }

  @Test
  void a_port_that_is_not_http_is_compared_by_where_its_connections_go() {
    String rule =
        SUBSETS
            + """
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: reviews, namespace: shop}
            spec:
              hosts: [reviews]
              tcp: [{match: [{port: 9090}], route: [{destination: {host: reviews, subset: %s}}]}]
            """;
    Requests changed = only(between(rule.formatted("v1"), rule.formatted("v2")));
    assertThat(changed.example().isRequest()).isFalse();
    assertThat(changed.example().to()).isEqualTo("reviews.shop.svc.cluster.local:9090");
    assertThat(changed.changes()).extracting(Change::trait).containsExactly("to");
  }

  @Test
  void what_comes_from_outside_is_compared_at_the_gateway() {
    String bound =
        GATEWAY
            + """
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: edge, namespace: shop}
            spec:
              hosts: [shop.example]
              gateways: [edge]
              http: [{match: [{uri: {prefix: %s}}], route: [{destination: {host: reviews, port: {number: 9080}}}]}]
            """;
    List<Requests> changed = between(bound.formatted("/"), bound.formatted("/reviews"));
    Requests one = only(changed);
    assertThat(one.where()).isEqualTo(Where.GATEWAYS);
    assertThat(one.proxies()).containsExactly("istio-system/istio-ingressgateway");
    assertThat(one.example().to()).isEqualTo("shop.example:8080");
    assertThat(one.example().path()).doesNotStartWith("/reviews");
    assertThat(one.changes()).contains(new Change("answer", "", "404: no rule takes it"));
    assertThat(outcome(bound.formatted("/"), one)).isEqualTo(Outcome.ROUTED);
    assertThat(outcome(bound.formatted("/reviews"), one)).isEqualTo(Outcome.NO_ROUTE);
  }

  @Test
  void what_is_not_looked_through_is_said() {
    String rule =
        "- {match: [{uri: {regex: '%s'}}], route: [{destination: {host: reviews, subset: v1}}]}";
    Difference difference =
        SemanticDiff.between(
            mesh(rules(rule.formatted("/\\bword\\b"))), mesh(rules(rule.formatted("/word"))));
    assertThat(difference.limits()).singleElement().asString().contains("not every kind of path");
  }

  /** What the explainer says of the example. */
  private static Outcome outcome(String yaml, Requests requests) {
    Difference.Example example = requests.example();
    return RequestExplainer.of(mesh(yaml), Optional.empty())
        .explain(
            new Question(
                example.from(), example.to(), example.method(), example.path(), example.headers()))
        .outcome();
  }

  private static Requests only(List<Requests> classes) {
    assertThat(classes).hasSize(1);
    return classes.getFirst();
  }
}
