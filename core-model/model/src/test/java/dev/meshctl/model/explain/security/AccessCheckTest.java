package dev.meshctl.model.explain.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.meshctl.model.explain.Admittance;
import dev.meshctl.model.explain.Admittance.Answer;
import dev.meshctl.model.explain.Admittance.Looked;
import dev.meshctl.model.explain.Admittance.Verdict;
import dev.meshctl.model.explain.Explanation;
import dev.meshctl.model.explain.Question;
import dev.meshctl.model.explain.RequestExplainer;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.UnknownSubject;
import dev.meshctl.model.explain.security.Reach.May;
import dev.meshctl.model.testkit.MeshText;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AccessCheckTest {
  private static final String WORKLOADS =
      MeshText.accounts("shop", "page", "cart")
          + MeshText.workload("shop", "page-v1", 1, "page", "app: page")
          + MeshText.workload("shop", "cart-v1", 1, "cart", "app: cart")
          + MeshText.workload("shop", "reviews-v1", 1, "default", "app: reviews, version: v1")
          + MeshText.workload("shop", "reviews-v2", 1, "default", "app: reviews, version: v2")
          + MeshText.service(
              "shop",
              "reviews",
              "selector: {app: reviews},"
                  + " ports: [{name: http, port: 80, targetPort: 9080},"
                  + " {name: tcp-sync, port: 9090}]");

  private static String policy(String name, String spec) {
    return """
    ---
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: %s, namespace: shop}
    spec: {%s}
    """
        .formatted(name, spec);
  }

  private static final String READERS =
      policy(
          "readers",
          "selector: {matchLabels: {app: reviews}}, action: ALLOW, rules: [{from: [{source:"
              + " {principals: [cluster.local/ns/shop/sa/page]}}], to: [{operation: {methods:"
              + " [GET], paths: [/reviews/*]}}]}]");

  private static final String NO_SECRETS =
      policy(
          "no-secrets",
          "selector: {matchLabels: {app: reviews}}, action: DENY, rules: [{to: [{operation: {paths:"
              + " [/reviews/secret]}}]}]");

  private static Scene scene(String... policies) {
    return Scene.of(MeshText.valid(WORKLOADS + String.join("", policies)), Optional.empty());
  }

  private static Question question(String from, String to, String method, String path) {
    return new Question(from, to, method, path, Map.of());
  }

  private static Admittance ask(Scene scene, String from, String method, String path) {
    return AccessCheck.of(scene, question(from, "reviews:80", method, path)).getFirst();
  }

  @Test
  void each_policy_is_told_in_the_order_of_evaluation_with_why() {
    Admittance answer = ask(scene(READERS, NO_SECRETS), "page", "GET", "/reviews/3");

    assertThat(answer.answer()).isEqualTo(Answer.ALLOWED);
    assertThat(answer.mutual()).isTrue();
    assertThat(answer.port()).isEqualTo(9080);
    assertThat(answer.looked())
        .extracting(Looked::action, Looked::policy, Looked::verdict, Looked::why)
        .containsExactly(
            tuple("DENY", "shop/no-secrets", Verdict.NOT_MATCHED, "wanted: path /reviews/secret"),
            tuple(
                "ALLOW",
                "shop/readers",
                Verdict.MATCHED,
                "client spiffe://cluster.local/ns/shop/sa/page, method GET and path /reviews/*"));
    assertThat(answer.looked())
        .allSatisfy(looked -> assertThat(looked.source()).asString().contains("(mesh.yaml:"));
  }

  @Test
  void what_denies_ends_it_and_the_rest_is_not_asked() {
    Admittance answer = ask(scene(READERS, NO_SECRETS), "page", "GET", "/reviews/secret");

    assertThat(answer.answer()).isEqualTo(Answer.DENIED);
    assertThat(answer.looked())
        .extracting(Looked::policy, Looked::verdict)
        .containsExactly(
            tuple("shop/no-secrets", Verdict.MATCHED), tuple("shop/readers", Verdict.NOT_ASKED));
  }

  @Test
  void of_what_is_not_met_only_that_half_is_said() {
    assertThat(ask(scene(READERS), "cart", "GET", "/reviews/3").looked().getFirst().why())
        .isEqualTo("wanted: client spiffe://cluster.local/ns/shop/sa/page");
    assertThat(ask(scene(READERS), "page", "POST", "/reviews/3").looked().getFirst().why())
        .isEqualTo("wanted: method GET and path /reviews/*");
  }

  @Test
  void policies_without_rules_and_those_that_only_report_are_told_too() {
    Scene nobody =
        scene(
            policy("nobody", "{}").replace("{{}}", "{}"),
            policy("report", "action: AUDIT, rules: [{}]"));

    Admittance answer = ask(nobody, "page", "GET", "/");

    assertThat(answer.answer()).isEqualTo(Answer.DENIED);
    assertThat(answer.looked())
        .extracting(Looked::policy, Looked::why)
        .containsExactly(
            tuple("shop/nobody", "it has no rules, so it allows nothing"),
            tuple("shop/report", "AUDIT decides nothing"));
  }

  @Test
  void workloads_behind_one_service_answer_for_themselves() {
    Scene scene =
        scene(
            policy("not-v2", "selector: {matchLabels: {version: v2}}, action: DENY, rules: [{}]"));

    assertThat(AccessCheck.of(scene, question("page", "reviews:80", "GET", "/")))
        .extracting(Admittance::workload, Admittance::answer)
        .containsExactly(tuple("reviews-v1", Answer.ALLOWED), tuple("reviews-v2", Answer.DENIED));
    assertThat(AccessCheck.of(scene, question("page", "reviews-v2:80", "GET", "/")))
        .extracting(Admittance::workload, Admittance::answer)
        .containsExactly(tuple("reviews-v2", Answer.DENIED));
  }

  @Test
  void it_says_what_explain_request_says() {
    String strict =
        """
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: shop}
        spec: {mtls: {mode: STRICT}}
        """;
    String rewritten =
        """
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: reviews, namespace: shop}
        spec:
          hosts: [reviews]
          http:
          - match: [{uri: {prefix: /old}}]
            rewrite: {uri: /reviews/}
            route: [{destination: {host: reviews}}]
          - route: [{destination: {host: reviews}}]
        """;
    List<Scene> scenes =
        List.of(scene(), scene(READERS), scene(READERS, NO_SECRETS, strict, rewritten));
    for (Scene scene : scenes) {
      for (String from : List.of("page", "cart")) {
        for (String method : List.of("GET", "DELETE")) {
          for (String path : List.of("/reviews/3", "/reviews/secret", "/old/3", "/")) {
            Question question = question(from, "reviews:80", method, path);
            Explanation explained = RequestExplainer.of(scene).explain(question);
            assertThat(AccessCheck.of(scene, question).getFirst().answer() == Answer.ALLOWED)
                .as(question.toString())
                .isEqualTo(explained.outcome() == Explanation.Outcome.ROUTED);
          }
        }
      }
    }
  }

  @Test
  void over_all_requests_it_is_always_never_or_on_which_it_depends() {
    List<Reach> open = AccessCheck.reach(scene(), "page", "reviews", "");
    assertThat(open)
        .extracting(Reach::workload, Reach::port, Reach::may, Reach::reason)
        .contains(
            tuple("reviews-v1", 9080, May.ALWAYS, "no AuthorizationPolicy speaks of it"),
            tuple("reviews-v2", 9090, May.ALWAYS, open.getLast().reason()));

    List<Reach> page = AccessCheck.reach(scene(READERS, NO_SECRETS), "page", "reviews:80", "");
    assertThat(page).allMatch(reach -> reach.may() == May.DEPENDS);
    assertThat(page.getFirst().only())
        .extracting(Reach.Requests::which)
        .containsExactly("method GET and path /reviews/*");
    assertThat(page.getFirst().never())
        .extracting(Reach.Requests::which)
        .containsExactly("path /reviews/secret");

    assertThat(AccessCheck.reach(scene(READERS), "cart", "reviews-v1", ""))
        .as("neither HTTP nor TCP")
        .extracting(Reach::port, Reach::may)
        .containsExactly(tuple(9080, May.NEVER), tuple(9090, May.NEVER));
  }

  @Test
  void what_no_workload_gets_has_no_answer() {
    String redirect =
        """
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: reviews, namespace: shop}
        spec:
          hosts: [reviews]
          http: [{redirect: {uri: /new}}]
        """;

    assertThatExceptionOfType(UnknownSubject.class)
        .isThrownBy(
            () -> AccessCheck.of(scene(redirect), question("page", "reviews:80", "GET", "/")))
        .withMessageContaining("no workload gets such a request (redirected)");
    assertThatExceptionOfType(UnknownSubject.class)
        .as("two ports")
        .isThrownBy(() -> AccessCheck.of(scene(), question("page", "reviews", "GET", "/")))
        .withMessageContaining("has several ports: [80, 9090]");
  }
}
