package dev.meshctl.model.explain.hindsight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.explain.Explanation;
import dev.meshctl.model.explain.Explanation.Outcome;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.hindsight.Entry.Logger;
import dev.meshctl.model.explain.hindsight.Entry.Side;
import dev.meshctl.model.explain.hindsight.Hindsight.Difference;
import dev.meshctl.model.explain.hindsight.LookBack.Known;
import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.WorkloadInstance;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LookBackTest {
  private static final String MESH =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: reviews, namespace: shop}
      spec: {selector: {app: reviews}, ports: [{name: http, port: 9080, targetPort: 8080}]}
      ---
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
          - name: jason
            match: [{headers: {end-user: {exact: jason}}}]
            route: [{destination: {host: reviews, subset: v2}}]
          - name: others
            match: [{uri: {prefix: /reviews}}]
            route: [{destination: {host: reviews, subset: v1}}]
      """;
  private static final String DENY =
      """
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: closed, namespace: shop}
      spec:
        selector: {matchLabels: {app: reviews}}
        action: DENY
        rules: [{to: [{operation: {paths: ["/reviews/2"]}}]}]
      """;
  private static final MeshInventory RUNNING =
      new MeshInventory(
          List.of(
              replica("page-0", "page", "v1", "10.1.0.1"),
              replica("reviews-v1-0", "reviews", "v1", "10.1.0.2"),
              replica("reviews-v2-0", "reviews", "v2", "10.1.0.3")),
          Map.of(),
          "");
  private static final Known NOTHING = new Known("", Map.of(), Map.of());
  private static final String V1 = "outbound|9080|v1|reviews.shop.svc.cluster.local";

  private static WorkloadInstance replica(String name, String app, String version, String address) {
    return new WorkloadInstance(
        name,
        "shop",
        name.substring(0, name.length() - 2),
        app,
        Map.of("app", app, "version", version),
        address,
        Map.of(),
        new Locality("", "", ""),
        true,
        true);
  }

  /** As a sidecar of page writes it where connections are turned to it. */
  private static String calling(String path, String answer, String endpoint, String cluster) {
    return calling(path, answer, endpoint, cluster, "others");
  }

  private static String calling(
      String path, String answer, String endpoint, String cluster, String route) {
    return ("[2026-11-29T01:47:00.234Z] \"GET %s HTTP/1.1\" %s - \"-\" 0 19 140 139 \"-\""
            + " \"curl/8\" \"id-1\" \"reviews:9080\" \"%s\" %s 10.1.0.1:50000 10.96.0.7:9080"
            + " 10.1.0.1:41234 - %s")
        .formatted(path, answer, endpoint, cluster, route);
  }

  private static String called(String path, String answer, String cluster) {
    return ("[2026-11-29T01:47:00.240Z] \"GET %s HTTP/1.1\" %s - \"-\" 0 19 5 - \"-\""
            + " \"curl/8\" \"id-1\" \"reviews:9080\" \"-\" %s - 10.1.0.2:8080 10.1.0.1:50000 -"
            + " default")
        .formatted(path, answer, cluster);
  }

  private static List<Hindsight> look(String mesh, Known known, String... lines) {
    Scene scene = Scene.of(MeshText.valid(mesh), Optional.of(RUNNING));
    LookBack lookBack = LookBack.over(scene);
    AccessLogLines format = AccessLogLines.of(scene.mesh());
    List<Entry> entries =
        List.of(lines).stream()
            .map(line -> format.read(line).orElseThrow())
            .map(logged -> lookBack.entry(logged, Optional.empty(), known))
            .toList();
    return LookBack.hops(entries).stream().map(hop -> lookBack.explain(hop, known)).toList();
  }

  private static Explanation now(Hindsight past) {
    assertThat(past.unexplained()).isEmpty();
    Explanation now = past.now();
    assertThat(now).isNotNull();
    return now;
  }

  @Test
  void the_addresses_of_a_line_tell_whose_log_it_is_and_what_was_asked() {
    Hindsight past =
        look(MESH, NOTHING, calling("/reviews/1", "200 - via_upstream", "10.1.0.2:8080", V1))
            .getFirst();
    assertThat(past.at()).isEqualTo("shop/page-0");
    assertThat(past.side()).isEqualTo(Side.CALLING);
    assertThat(past.endpoint()).isEqualTo("reviews-v1-0");
    assertThat(past.asked())
        .satisfies(asked -> {
          assertThat(asked.from()).isEqualTo("shop/page-0");
          assertThat(asked.to()).isEqualTo("reviews:9080");
          assertThat(asked.path()).isEqualTo("/reviews/1");
          assertThat(asked.headers()).containsEntry("user-agent", "curl/8");
        });
    assertThat(now(past).outcome()).isEqualTo(Outcome.ROUTED);
    assertThat(past.differences()).isEmpty();
    assertThat(past.reasons()).as("nothing differs").isEmpty();
  }

  @Test
  void the_port_of_a_connection_goes_before_that_of_the_authority() {
    String line =
        calling("/reviews/1", "200 - via_upstream", "10.1.0.2:8080", V1)
            .replace("\"reviews:9080\"", "\"reviews:1\"");
    assertThat(look(MESH, NOTHING, line).getFirst().asked())
        .satisfies(asked -> assertThat(asked.to()).isEqualTo("reviews:9080"));
    String throughSidecarsPort = line.replace("10.96.0.7:9080", "10.1.0.1:15001");
    assertThat(look(MESH, NOTHING, throughSidecarsPort).getFirst().asked())
        .satisfies(asked -> assertThat(asked.to()).isEqualTo("reviews:1"));
  }

  @Test
  void flags_and_details_are_spelled_out() {
    Hindsight past =
        look(
                MESH,
                NOTHING,
                calling(
                    "/reviews/1",
                    "503 UF,URX upstream_reset_before_response_started{connection_timeout}",
                    "10.1.0.2:8080",
                    V1))
            .getFirst();
    assertThat(past.meanings()).extracting(Meaning::code).startsWith("UF", "URX");
    assertThat(past.meanings().get(0).words()).contains("no connection");
    assertThat(past.meanings().get(2).words())
        .isEqualTo("the upstream was lost before its answer began: connection timeout");
    assertThat(past.logged().failed()).isTrue();
    assertThat(past.differences()).isEmpty();
  }

  @Test
  void another_cluster_than_was_used_is_a_difference_and_headers_may_be_why() {
    String v2 = V1.replace("v1", "v2");
    Known changed =
        new Known(
            "",
            Map.of(),
            Map.of(
                "old.yaml", Instant.parse("2026-11-29T01:00:00Z"),
                "new.yaml", Instant.parse("2026-11-29T02:00:00Z")));
    String line = calling("/reviews/1", "200 - via_upstream", "10.1.0.3:8080", v2, "jason");
    Hindsight past = look(MESH, changed, line).getFirst();
    assertThat(past.differences())
        .containsExactly(
            new Difference("route", "jason", "others"), new Difference("cluster", v2, V1));
    assertThat(past.reasons())
        .containsExactly(
            "new.yaml was changed after it, at 2026-11-29T02:00:00Z",
            "routes or policies ask for headers that the log does not have (end-user); tell them"
                + " with -H");

    Hindsight told =
        look(MESH, new Known("", Map.of("end-user", "jason"), Map.of()), line).getFirst();
    assertThat(told.differences()).isEmpty();
    assertThat(told.reasons()).isEmpty();
  }

  @Test
  void an_endpoint_that_is_out_or_gone_is_a_difference() {
    Hindsight gone =
        look(MESH, NOTHING, calling("/reviews/1", "503 UF x", "10.1.0.9:8080", V1)).getFirst();
    assertThat(gone.endpoint()).isEmpty();
    assertThat(gone.differences())
        .containsExactly(
            new Difference(
                "endpoint",
                "10.1.0.9:8080",
                "nobody has this address; there are reviews-v1-0 (10.1.0.2:8080)"));
    Hindsight out =
        look(MESH, NOTHING, calling("/reviews/1", "503 UF x", "10.1.0.3:8080", V1)).getFirst();
    assertThat(out.differences())
        .containsExactly(
            new Difference(
                "endpoint",
                "reviews-v2-0 (10.1.0.3:8080)",
                "out: not of subset v1: label version is v2 (wanted: v1)"));
  }

  @Test
  void client_and_server_tell_of_one_request_and_the_server_says_who_denied_it() {
    String client = calling("/reviews/2", "403 - via_upstream", "10.1.0.2:8080", V1);
    String server =
        called(
            "/reviews/2",
            "403 - rbac_access_denied_matched_policy[ns[shop]-policy[closed]-rule[0]]",
            "-");
    List<Hindsight> denied = look(MESH + DENY, NOTHING, server, client);
    assertThat(denied).hasSize(1);
    Hindsight past = denied.getFirst();
    assertThat(past.at()).isEqualTo("shop/page-0");
    assertThat(past.servers()).extracting(Hindsight.Seen::at).containsExactly("shop/reviews-v1-0");
    assertThat(past.servers().getFirst().meanings().getFirst().words())
        .isEqualTo(
            "an AuthorizationPolicy denied it (RBAC): AuthorizationPolicy shop/closed,"
                + " spec.rules[0]");
    assertThat(now(past).outcome()).isEqualTo(Outcome.DENIED);
    assertThat(past.differences()).isEmpty();

    Hindsight since = look(MESH, NOTHING, client, server).getFirst();
    assertThat(since.differences())
        .containsExactly(
            new Difference("answer", "denied (403)", "routed, 1 of 2 endpoints are in"));
    assertThat(since.reasons())
        .startsWith("AuthorizationPolicy shop/closed is not in the configuration any more");
  }

  @Test
  void the_clients_line_alone_agrees_with_a_denial_further_on() {
    Hindsight past =
        look(MESH + DENY, NOTHING, calling("/reviews/2", "403 - via_upstream", "10.1.0.2:8080", V1))
            .getFirst();
    assertThat(now(past).outcome()).isEqualTo(Outcome.DENIED);
    assertThat(past.differences()).isEmpty();
  }

  @Test
  void the_servers_line_alone_is_explained_for_its_client() {
    String line = called("/reviews/2", "403 - rbac_access_denied_matched_policy[none]", "-");
    Hindsight past = look(MESH, NOTHING, line).getFirst();
    assertThat(past.side()).isEqualTo(Side.CALLED);
    assertThat(past.at()).isEqualTo("shop/reviews-v1-0");
    assertThat(past.asked()).satisfies(asked -> assertThat(asked.from()).isEqualTo("shop/page-0"));

    Hindsight unknown =
        look(MESH, NOTHING, line.replace("10.1.0.1:50000", "127.0.0.1:7")).getFirst();
    assertThat(unknown.now()).isNull();
    assertThat(unknown.unexplained()).contains("--from");
    Hindsight named =
        look(
                MESH,
                new Known("page", Map.of(), Map.of()),
                line.replace("10.1.0.1:50000", "127.0.0.1:7"))
            .getFirst();
    assertThat(now(named).service()).isEqualTo("reviews.shop.svc.cluster.local");
  }

  @Test
  void nobody_to_take_it_then_and_somebody_now_is_a_difference() {
    Hindsight past =
        look(MESH, NOTHING, calling("/reviews/1", "503 UH no_healthy_upstream", "-", V1))
            .getFirst();
    assertThat(past.differences())
        .containsExactly(
            new Difference("answer", "rejected (503 UH)", "routed, 1 of 2 endpoints are in"));
    assertThat(past.reasons()).first().asString().contains("ejected");
  }

  @Test
  void a_missing_route_is_no_route_then_and_now() {
    Hindsight past =
        look(MESH, NOTHING, calling("/elsewhere", "404 NR route_not_found", "-", "-", "-"))
            .getFirst();
    assertThat(now(past).outcome()).isEqualTo(Outcome.NO_ROUTE);
    assertThat(past.differences()).isEmpty();
    Hindsight since =
        look(MESH, NOTHING, calling("/reviews/1", "404 NR route_not_found", "-", "-", "-"))
            .getFirst();
    assertThat(since.differences()).extracting(Difference::what).containsExactly("answer");
  }

  @Test
  void what_a_collector_puts_before_a_line_names_who_wrote_it() {
    String line =
        calling("/reviews/1", "200 - via_upstream", "10.1.0.2:8080", V1)
            .replace("10.1.0.1:", "127.0.0.6:");
    assertThat(look(MESH, NOTHING, line).getFirst().at()).isEmpty();
    assertThat(look(MESH, NOTHING, "[pod/page-0/istio-proxy] " + line).getFirst().at())
        .isEqualTo("shop/page-0");
  }

  @Test
  void where_nothing_runs_addresses_are_nobodys_and_the_client_is_named() {
    Scene folder =
        Scene.of(
            MeshText.valid(
                MESH
                    + """
                    ---
                    apiVersion: apps/v1
                    kind: Deployment
                    metadata: {name: page, namespace: shop}
                    spec:
                      replicas: 1
                      selector: {matchLabels: {app: page}}
                      template: {metadata: {labels: {app: page}}, spec: {containers: [{name: a, image: a}]}}
                    """),
            Optional.empty());
    LookBack lookBack = LookBack.over(folder);
    LoggedRequest logged =
        AccessLogLines.of(folder.mesh())
            .read(
                calling("/reviews/1", "200 - via_upstream", "10.0.0.1:8080", V1)
                    .replace("10.1.0.1:", "10.0.0.1:"))
            .orElseThrow();
    assertThat(lookBack.entry(logged, Optional.empty(), NOTHING).logger()).isEmpty();
    Known page = new Known("page", Map.of(), Map.of());
    Entry named = lookBack.entry(logged, Optional.empty(), page);
    assertThat(named.logger()).contains(new Logger("", "page", false));
    Hindsight past = lookBack.explain(LookBack.hops(List.of(named)).getFirst(), page);
    assertThat(past.endpoint()).isEmpty();
    assertThat(past.differences()).extracting(Difference::what).doesNotContain("endpoint");
  }

  @Test
  void attempts_at_several_servers_are_one_request() {
    String client = calling("/reviews/1", "503 UH no_healthy_upstream", "10.1.0.3:8080", V1);
    String first = called("/reviews/1", "503 UF x", "inbound|8080||");
    String second = first.replace("10.1.0.2:8080", "10.1.0.3:8080").replace(".240Z", ".260Z");
    String other = first.replace("id-1", "id-2");
    List<Hindsight> all = look(MESH, NOTHING, second, client, first, other);
    assertThat(all).hasSize(2);
    assertThat(all.getFirst().servers())
        .extracting(Hindsight.Seen::at)
        .containsExactly("shop/reviews-v1-0", "shop/reviews-v2-0");
    assertThat(all.getFirst().servers().getFirst().meanings().getFirst().words())
        .contains("own process");
  }
}
