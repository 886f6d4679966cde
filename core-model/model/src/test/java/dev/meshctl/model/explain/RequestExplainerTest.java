package dev.meshctl.model.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.meshctl.model.explain.Explanation.Candidate;
import dev.meshctl.model.explain.Explanation.Destination;
import dev.meshctl.model.explain.Explanation.Outcome;
import dev.meshctl.model.explain.Explanation.Source;
import dev.meshctl.model.explain.Explanation.Step;
import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.testkit.TranslationScenario;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.WorkloadInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestExplainerTest {
  private static final String WORKLOADS =
      MeshText.accounts("shop", "page")
          + MeshText.workload("shop", "page-v1", 1, "page", "app: page")
          + MeshText.service(
              "shop", "page", "selector: {app: page}, ports: [{name: http, port: 80}]")
          + MeshText.workload("shop", "reviews-v1", 2, "default", "app: reviews, version: v1")
          + MeshText.workload("shop", "reviews-v2", 1, "default", "app: reviews, version: v2")
          + MeshText.service(
              "shop",
              "reviews",
              "selector: {app: reviews},"
                  + " ports: [{name: http, port: 9080}, {name: tcp-sync, port: 9090}]");
  private static final String RULES =
      """
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: reviews, namespace: shop}
      spec:
        host: reviews
        subsets:
          - {name: v1, labels: {version: v1}}
          - {name: v2, labels: {version: v2}}
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: reviews, namespace: shop}
      spec:
        hosts: [reviews]
        http:
          - match: [{uri: {prefix: /old}}]
            redirect: {uri: /new, redirectCode: 308}
          - match: [{uri: {exact: /teapot}}]
            directResponse: {status: 418}
          - name: jason
            match:
              - headers: {end-user: {exact: jason}}
            rewrite: {uri: /v2/}
            timeout: 3s
            retries: {attempts: 4, perTryTimeout: 500ms, retryOn: 5xx}
            headers: {request: {set: {x-who: jason}, remove: [end-user]}}
            route: [{destination: {host: reviews, subset: v2}}]
          - match: [{uri: {prefix: /reviews}}]
            route:
              - {destination: {host: reviews, subset: v1}, weight: 50}
              - {destination: {host: reviews, subset: v2}, weight: 40}
      """;

  @TempDir private Path folder;

  @BeforeEach
  void writeWorkloads() throws IOException {
    Files.writeString(folder.resolve("workloads.yaml"), WORKLOADS);
  }

  private Explanation ask(String path, Map<String, String> headers) {
    return ask(new Question("page", "reviews:9080", "GET", path, headers));
  }

  private Explanation ask(Question question) {
    return RequestExplainer.of(TranslationScenario.mesh(folder), Optional.empty())
        .explain(question);
  }

  private void rules(String yaml) throws IOException {
    Files.writeString(folder.resolve("rules.yaml"), yaml);
  }

  private static List<String> decisions(Explanation explanation, String layer) {
    return explanation.steps().stream()
        .filter(step -> step.layer().equals(layer))
        .map(Step::decision)
        .toList();
  }

  private static final String SIDECAR =
      """
      apiVersion: networking.istio.io/v1
      kind: Sidecar
      metadata: {name: narrow, namespace: shop}
      spec:
        workloadSelector: {labels: {app: page}}
        egress: [{hosts: ["./page.shop.svc.cluster.local"]}]
        outboundTrafficPolicy: {mode: %s}
      """;

  @Test
  void what_a_sidecar_does_not_let_in_passes_as_it_is() throws IOException {
    rules(SIDECAR.formatted("ALLOW_ANY"));

    Explanation explanation = ask("/", Map.of());

    assertThat(explanation.outcome()).isEqualTo(Outcome.NO_ROUTE);
    assertThat(decisions(explanation, "service"))
        .containsExactly(
            "reviews.shop.svc.cluster.local is not let in by Sidecar shop/narrow: the connection"
                + " passes as it is");
    assertThat(ask(new Question("page", "page:80", "GET", "/", Map.of())).outcome())
        .isEqualTo(Outcome.ROUTED);
  }

  @Test
  void what_nobody_has_declared_is_closed_where_the_sidecar_says_so() throws IOException {
    rules(SIDECAR.formatted("REGISTRY_ONLY"));

    assertThat(ask("/", Map.of()).outcome()).isEqualTo(Outcome.REJECTED);
    Explanation outside = ask(new Question("page", "www.example.org:443", "GET", "/", Map.of()));
    assertThat(outside.outcome()).isEqualTo(Outcome.REJECTED);
    assertThat(decisions(outside, "service"))
        .containsExactly(
            "no service of the mesh is called www.example.org: the connection is closed"
                + " (REGISTRY_ONLY)");
    assertThat(ask(new Question("reviews-v1", "page:80", "GET", "/", Map.of())).outcome())
        .as("of another workload")
        .isEqualTo(Outcome.ROUTED);
  }

  @Test
  void a_service_that_is_not_exported_is_not_known_elsewhere() throws IOException {
    rules(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: secret, namespace: vault, annotations: {networking.istio.io/exportTo: "."}}
        spec: {selector: {app: secret}, ports: [{name: http, port: 80}]}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: secret, namespace: vault}
        spec:
          selector: {matchLabels: {app: secret}}
          template:
            metadata: {labels: {app: secret}}
            spec: {containers: [{name: a, image: a}]}
        """);

    Explanation explanation = ask(new Question("page", "secret.vault:80", "GET", "/", Map.of()));

    assertThat(explanation.outcome()).isEqualTo(Outcome.NO_ROUTE);
    assertThat(decisions(explanation, "service").getFirst()).contains("is not exported to shop");
  }

  @Test
  void without_rules_a_request_goes_to_every_replica_of_the_service() {
    Explanation explanation = ask("/reviews/7", Map.of());

    assertThat(explanation.outcome()).isEqualTo(Outcome.ROUTED);
    assertThat(explanation.service()).isEqualTo("reviews.shop.svc.cluster.local");
    assertThat(explanation.subset()).isEmpty();
    assertThat(explanation.matched()).isNull();
    assertThat(explanation.endpoints())
        .extracting(Candidate::name)
        .containsExactlyInAnyOrder("reviews-v1-0", "reviews-v1-1", "reviews-v2-0");
    assertThat(decisions(explanation, "client"))
        .containsExactly("page-v1 in shop is spiffe://cluster.local/ns/shop/sa/page");
    assertThat(decisions(explanation, "tls"))
        .containsExactly(
            "mutual TLS, the server is spiffe://cluster.local/ns/shop/sa/default, to replicas that"
                + " have a sidecar; none to others");
    assertThat(decisions(explanation, "policy"))
        .containsExactly("no AuthorizationPolicy speaks of reviews-v1: everything is allowed");
  }

  @Test
  void the_rule_that_takes_a_request_is_told_with_its_line() throws IOException {
    rules(RULES);
    Explanation explanation = ask("/reviews/7", Map.of("End-User", "jason"));

    assertThat(explanation.outcome()).isEqualTo(Outcome.ROUTED);
    assertThat(explanation.subset()).isEqualTo("v2");
    assertThat(explanation.matched())
        .isEqualTo(
            new Source(
                "VirtualService", "shop", "reviews", "rules.yaml", lineOf("- headers: {end-user")));
    assertThat(explanation.rewritten())
        .isEqualTo(
            new Explanation.Rewritten(
                "GET", "/v2/reviews/7", "reviews:9080", Map.of("x-who", "jason", "end-user", "")));
    assertThat(explanation.timeouts()).isEqualTo(new Explanation.Timeouts(3000, 500));
    assertThat(explanation.retries()).isEqualTo(new Explanation.Retries(4, List.of("5xx")));
    assertThat(explanation.endpoints())
        .extracting(Candidate::name, Candidate::in, Candidate::reason)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("reviews-v2-0", true, ""),
            org.assertj.core.groups.Tuple.tuple(
                "reviews-v1-0", false, "not of subset v2: label version is v1 (wanted: v2)"),
            org.assertj.core.groups.Tuple.tuple(
                "reviews-v1-1", false, "not of subset v2: label version is v1 (wanted: v2)"));
  }

  private static int lineOf(String text) {
    return (int) RULES.substring(0, RULES.indexOf(text)).lines().count();
  }

  @Test
  void the_rules_before_it_say_why_they_do_not_take_it() throws IOException {
    rules(RULES);
    Explanation explanation = ask("/reviews/7", Map.of("end-user", "mary"));

    assertThat(decisions(explanation, "route"))
        .containsExactly(
            "not reviews.0: path is not /old*",
            "not reviews.1: path is not /teapot",
            "not jason: header end-user is \"mary\" (wanted: \"jason\")",
            "reviews.3 of reviews.shop.svc.cluster.local:9080");
    assertThat(explanation.steps())
        .filteredOn(step -> step.layer().equals("route"))
        .allSatisfy(step -> assertThat(step.source()).isNotNull());
  }

  @Test
  void shares_of_a_split_are_proportions() throws IOException {
    rules(RULES);
    Explanation explanation = ask("/reviews/7", Map.of());

    assertThat(explanation.subset()).isEqualTo("v1");
    assertThat(explanation.destinations())
        .extracting(Destination::subset)
        .containsExactly("v1", "v2");
    assertThat(explanation.destinations().getFirst().percent())
        .isEqualTo(100.0 * 50 / 90, org.assertj.core.data.Offset.offset(1e-9));
  }

  @Test
  void what_the_proxy_answers_itself_goes_nowhere() throws IOException {
    rules(RULES);
    Explanation redirected = ask("/old/7?page=2", Map.of());
    assertThat(redirected.outcome()).isEqualTo(Outcome.REDIRECTED);
    assertThat(redirected.status()).isEqualTo(308);
    assertThat(redirected.location()).isEqualTo("http://reviews:9080/new?page=2");
    assertThat(redirected.destinations()).isEmpty();

    Explanation answered = ask("/teapot", Map.of());
    assertThat(answered.outcome()).isEqualTo(Outcome.DIRECT_RESPONSE);
    assertThat(answered.status()).isEqualTo(418);
  }

  @Test
  void a_request_that_no_rule_takes_has_no_route() throws IOException {
    rules(RULES);
    Explanation explanation = ask("/elsewhere", Map.of());
    assertThat(explanation.outcome()).isEqualTo(Outcome.NO_ROUTE);
    assertThat(explanation.status()).isEqualTo(404);
  }

  @Test
  void a_policy_that_denies_is_told_with_its_line() throws IOException {
    rules(
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: no-writing, namespace: shop}
        spec:
          selector: {matchLabels: {app: reviews}}
          action: DENY
          rules:
            - to: [{operation: {methods: [DELETE]}}]
            - to: [{operation: {methods: [POST]}}]
              from: [{source: {principals: [cluster.local/ns/shop/sa/page]}}]
        """);
    Explanation denied =
        ask(new Question("shop/page", "reviews.shop:9080", "POST", "/reviews", Map.of()));
    assertThat(denied.outcome()).isEqualTo(Outcome.DENIED);
    assertThat(denied.policies())
        .containsExactly(
            new Explanation.Policy("DENY", "ns[shop]-policy[no-writing]-rule[1]", "denies it"));
    assertThat(denied.steps().getLast().source())
        .isEqualTo(new Source("AuthorizationPolicy", "shop", "no-writing", "rules.yaml", 9));

    Explanation allowed = ask("/reviews", Map.of());
    assertThat(allowed.outcome()).isEqualTo(Outcome.ROUTED);
  }

  @Test
  void where_policies_allow_only_others_a_request_is_denied() throws IOException {
    rules(
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: readers, namespace: shop}
        spec:
          selector: {matchLabels: {app: reviews}}
          rules:
            - from: [{source: {principals: [cluster.local/ns/shop/sa/somebody]}}]
        """);
    Explanation explanation = ask("/reviews", Map.of());
    assertThat(explanation.outcome()).isEqualTo(Outcome.DENIED);
    assertThat(explanation.policies())
        .containsExactly(
            new Explanation.Policy(
                "ALLOW", "ns[shop]-policy[readers]-rule[0]", "none of them allows it"));
  }

  @Test
  void a_client_without_a_sidecar_is_rejected_where_mutual_tls_is_strict() throws IOException {
    rules(
        RULES
            + """
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: default, namespace: shop}
            spec: {mtls: {mode: STRICT}}
            """);
    MeshInventory running =
        new MeshInventory(
            List.of(
                replica("page-v1-0", "page-v1", Map.of("app", "page"), "10.0.0.1", false),
                replica(
                    "reviews-v1-0",
                    "reviews-v1",
                    Map.of("app", "reviews", "version", "v1"),
                    "10.0.0.2",
                    true)),
            Map.of(),
            "");

    Explanation explanation =
        RequestExplainer.of(TranslationScenario.mesh(folder), Optional.of(running))
            .explain(new Question("page", "reviews:9080", "GET", "/old", Map.of()));

    assertThat(explanation.outcome()).isEqualTo(Outcome.REJECTED);
    assertThat(decisions(explanation, "listener"))
        .containsExactly("page-v1-0 has no sidecar: no rule of the mesh speaks of it");
    assertThat(decisions(explanation, "tls"))
        .containsExactly(
            "none",
            "reviews-v1: its port takes mutual TLS only, and this connection is in the clear");
  }

  private static WorkloadInstance replica(
      String name, String workload, Map<String, String> labels, String address, boolean inMesh) {
    return new WorkloadInstance(
        name, "shop", workload, "default", labels, address, Map.of(), Locality.NONE, true, inMesh);
  }

  @Test
  void a_subset_without_replicas_is_answered_503() throws IOException {
    rules(RULES.replace("labels: {version: v2}", "labels: {version: v9}"));
    Explanation explanation = ask("/reviews", Map.of("end-user", "jason"));
    assertThat(explanation.outcome()).isEqualTo(Outcome.REJECTED);
    assertThat(explanation.endpoints()).hasSize(3).noneMatch(Candidate::in);
  }

  @Test
  void ports_that_are_not_http_tell_no_requests_apart() throws IOException {
    rules(RULES);
    Explanation explanation = ask(new Question("page", "reviews:9090", "GET", "/old", Map.of()));
    assertThat(explanation.outcome()).isEqualTo(Outcome.ROUTED);
    assertThat(explanation.matched()).isNull();
    assertThat(explanation.destinations().getFirst().port()).isEqualTo(9090);
  }

  @Test
  void what_is_outside_of_the_mesh_passes_as_it_is() {
    assertThat(ask(new Question("page", "example.com", "GET", "/", Map.of())).outcome())
        .isEqualTo(Outcome.NO_ROUTE);
    Explanation port = ask(new Question("page", "reviews:1", "GET", "/", Map.of()));
    assertThat(port.outcome()).isEqualTo(Outcome.NO_ROUTE);
    assertThat(decisions(port, "service"))
        .containsExactly(
            "reviews.shop.svc.cluster.local has no port 1 (it has: 9080, 9090): the connection"
                + " passes as it is");
  }

  @Test
  void a_client_may_be_named_by_workload_service_and_service_account() {
    for (String name : List.of("page-v1", "page-v1-0", "shop/page")) {
      assertThat(ask(new Question(name, "reviews:9080", "GET", "/", Map.of())).outcome())
          .isEqualTo(Outcome.ROUTED);
    }
    assertThatExceptionOfType(UnknownSubject.class)
        .isThrownBy(() -> ask(new Question("page-v2", "reviews:9080", "GET", "/", Map.of())))
        .withMessageContaining("shop/page-v1")
        .satisfies(unknown -> assertThat(unknown.fix()).isEqualTo("did you mean 'page-v1'?"));
    assertThatExceptionOfType(UnknownSubject.class)
        .isThrownBy(() -> ask(new Question("page", "reviews:http", "GET", "/", Map.of())))
        .withMessageContaining("no port: http");
  }

  private static final String EDGE =
      """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: edge, namespace: shop}
      spec:
        selector: {istio: ingressgateway}
        servers: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: [shop.example]}]
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: edge, namespace: shop}
      spec:
        hosts: [shop.example]
        gateways: [edge]
        http:
          - match: [{uri: {prefix: /reviews}}]
            route: [{destination: {host: reviews, port: {number: 9080}}}]
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: not-from-there, namespace: istio-system}
      spec:
        selector: {matchLabels: {istio: ingressgateway}}
        action: DENY
        rules: [{from: [{source: {ipBlocks: [203.0.113.0/24]}}]}]
      """;

  private Explanation outside(String from, String to, String path, String source) {
    return ask(new Question(from, to, "GET", path, Map.of(), source));
  }

  @Test
  void a_request_from_outside_is_followed_from_the_gateway_to_the_server() throws IOException {
    rules(EDGE);
    for (String name : List.of("istio-ingressgateway", "edge", "shop/edge")) {
      Explanation explanation = outside(name, "shop.example:8080", "/reviews/7", "");
      assertThat(explanation.outcome()).isEqualTo(Outcome.ROUTED);
      assertThat(explanation.service()).isEqualTo("reviews.shop.svc.cluster.local");
      assertThat(explanation.matched())
          .isEqualTo(new Source("VirtualService", "shop", "edge", "rules.yaml", 15));
      assertThat(decisions(explanation, "listener"))
          .containsExactly("port 8080, HTTP, by the route table http.8080");
      assertThat(decisions(explanation, "tls").getFirst()).startsWith("mutual TLS");
    }
    assertThat(outside("edge", "shop.example:8080", "/else", "").outcome())
        .isEqualTo(Outcome.NO_ROUTE);
    Explanation nobody = outside("edge", "shop.example:81", "/", "");
    assertThat(nobody.outcome()).isEqualTo(Outcome.REJECTED);
    assertThat(decisions(nobody, "listener"))
        .containsExactly("nobody listens at port 81 (there are: 8080)");
  }

  @Test
  void policies_that_ask_for_addresses_are_asked_with_the_one_that_is_told() throws IOException {
    rules(EDGE);
    Explanation denied = outside("edge", "shop.example:8080", "/reviews", "203.0.113.9");
    assertThat(denied.outcome()).isEqualTo(Outcome.DENIED);
    assertThat(denied.steps().getLast().source())
        .isEqualTo(
            new Source("AuthorizationPolicy", "istio-system", "not-from-there", "rules.yaml", 24));
    assertThat(outside("edge", "shop.example:8080", "/reviews", "203.0.114.9").outcome())
        .isEqualTo(Outcome.ROUTED);
    assertThatExceptionOfType(UnknownSubject.class)
        .isThrownBy(() -> outside("edge", "shop.example:8080", "/", "elsewhere"))
        .withMessageContaining("no IP address: elsewhere");
  }

  @Test
  void the_rule_that_makes_a_subset_is_told_with_its_line() throws IOException {
    rules(RULES);
    Explanation explanation = ask("/reviews/7", Map.of());
    assertThat(explanation.steps())
        .filteredOn(step -> step.layer().equals("cluster"))
        .extracting(Step::source)
        .containsExactly(
            new Source("DestinationRule", "shop", "reviews", "rules.yaml", 7),
            new Source("DestinationRule", "shop", "reviews", "rules.yaml", 8));
  }
}
