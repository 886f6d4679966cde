package dev.meshctl.model.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.resource.AuthorizationPolicy;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.PeerAuthentication;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.validation.ObjectwiseValidator.Candidate;
import dev.meshctl.model.validation.ObjectwiseValidator.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ObjectwiseValidatorTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec: {ports: [{name: http, port: 80}]}
      """;

  @Test
  void what_is_sound_is_in_force_as_it_is() {
    Outcome outcome = judge(Map.of(), candidate(SERVICE), candidate(route("90", "10")));

    assertThat(outcome.allNewest()).isTrue();
    assertThat(outcome.mesh().all(VirtualService.class)).hasSize(1);
  }

  @Test
  void an_object_that_contradicts_itself_stays_as_it_last_was_and_others_go_on() {
    Outcome before = judge(Map.of(), candidate(SERVICE), candidate(route("90", "10")));
    Outcome after =
        judge(
            before.inForce(),
            candidate(SERVICE),
            candidate(route("0", "0")),
            candidate(SERVICE.replace("cart", "pay")));

    assertThat(after.allNewest()).isFalse();
    assertThat(weights(after)).containsExactly(90, 10);
    assertThat(after.mesh().resources()).hasSize(3);
    assertThat(codes(after)).contains("MESH0113", "MESH0212");
  }

  @Test
  void an_object_that_never_made_sense_is_left_out_and_comes_in_once_mended() {
    Outcome broken = judge(Map.of(), candidate(SERVICE), candidate(route("0", "0")));

    assertThat(broken.mesh().all(VirtualService.class)).isEmpty();
    assertThat(codes(broken)).contains("MESH0113", "MESH0214");

    Outcome mended = judge(broken.inForce(), candidate(SERVICE), candidate(route("1", "0")));
    assertThat(mended.allNewest()).isTrue();
    assertThat(weights(mended)).containsExactly(1, 0);
  }

  @Test
  void an_object_that_can_no_longer_be_read_stays_as_it_last_was() {
    Outcome before = judge(Map.of(), candidate(SERVICE), candidate(route("90", "10")));
    Outcome after = judge(before.inForce(), candidate(SERVICE), candidate(route("many", "10")));

    assertThat(weights(after)).containsExactly(90, 10);
    assertThat(codes(after)).contains("MESH0009", "MESH0212");
  }

  @Test
  void a_route_whose_service_is_deleted_keeps_its_other_rules() {
    Outcome outcome = judge(Map.of(), candidate(route("90", "10")));

    assertThat(outcome.allNewest()).isTrue();
    assertThat(outcome.mesh().all(VirtualService.class)).hasSize(1);
    assertThat(codes(outcome)).contains("MESH0102");
  }

  @Test
  void what_was_deleted_does_not_stay() {
    Outcome before = judge(Map.of(), candidate(SERVICE), candidate(route("90", "10")));
    Outcome after = judge(before.inForce(), candidate(SERVICE));

    assertThat(after.mesh().all(VirtualService.class)).isEmpty();
  }

  @Test
  void an_authorization_policy_that_never_made_sense_denies_all_that_it_covers() {
    Outcome outcome = judge(Map.of(), candidate(SERVICE), candidate(policy("PERMIT")));

    assertThat(outcome.mesh().all(AuthorizationPolicy.class))
        .singleElement()
        .satisfies(policy -> {
          assertThat(policy.action()).isEqualTo(AuthorizationPolicy.Action.DENY);
          assertThat(policy.selector()).containsEntry("app", "cart");
          assertThat(policy.rules()).hasSize(1);
        });
    assertThat(codes(outcome)).contains("MESH0213");
  }

  @Test
  void an_authorization_policy_that_made_sense_stays_as_it_was() {
    Outcome before = judge(Map.of(), candidate(policy("ALLOW")));
    Outcome after = judge(before.inForce(), candidate(policy("PERMIT")));

    assertThat(after.mesh().all(AuthorizationPolicy.class))
        .singleElement()
        .satisfies(p -> assertThat(p.action()).isEqualTo(AuthorizationPolicy.Action.ALLOW));
    Outcome again = judge(after.inForce(), candidate(policy("PERMIT")));
    assertThat(again.mesh().resources()).isEqualTo(after.mesh().resources());
    assertThat(codes(again)).contains("MESH0212").doesNotContain("MESH0213");
  }

  @Test
  void a_peer_authentication_that_never_made_sense_takes_mutual_tls_only() {
    Outcome outcome =
        judge(
            Map.of(),
            candidate(
                """
                apiVersion: security.istio.io/v1
                kind: PeerAuthentication
                metadata: {name: all, namespace: shop}
                spec: {mtls: {mode: SOMETIMES}}
                """));

    assertThat(outcome.mesh().all(PeerAuthentication.class))
        .singleElement()
        .satisfies(p -> assertThat(p.mode()).isEqualTo(PeerAuthentication.Mode.STRICT));
  }

  private static String route(String first, String second) {
    return """
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: cart, namespace: shop}
    spec:
      hosts: [cart]
      http:
      - route:
        - {destination: {host: cart}, weight: %s}
        - {destination: {host: cart}, weight: %s}
    """
        .formatted(first, second);
  }

  private static String policy(String action) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: only-cart, namespace: shop}
    spec:
      selector: {matchLabels: {app: cart}}
      action: %s
      rules:
      - to: [{operation: {methods: [GET]}}]
    """
        .formatted(action);
  }

  private static Candidate candidate(String yaml) {
    ParsedDocuments read = YamlReader.read("x", yaml);
    String kind = yaml.lines().filter(l -> l.startsWith("kind: ")).findFirst().orElseThrow();
    String name =
        yaml.lines()
            .filter(l -> l.startsWith("metadata:"))
            .map(l -> l.replaceAll(".*name: ([a-z-]+),.*", "$1"))
            .findFirst()
            .orElseThrow();
    ResourceId id = new ResourceId(kind.substring("kind: ".length()), "shop", name);
    return new Candidate(
        id,
        "cluster/shop/" + id.kind() + "/" + name,
        yaml.contains("matchLabels") ? Map.of("app", "cart") : Map.of(),
        read.resources(),
        read.diagnostics());
  }

  private static Outcome judge(
      Map<ResourceId, List<Located<? extends MeshResource>>> before, Candidate... candidates) {
    return ObjectwiseValidator.validate(
        "cluster.local", "meshctl-system", Arrays.asList(candidates), before, NOW);
  }

  private static List<Integer> weights(Outcome outcome) {
    List<Integer> weights = new ArrayList<>();
    for (VirtualService each : outcome.mesh().all(VirtualService.class)) {
      if (each.http().getFirst().action() instanceof VirtualService.HttpAction.Forward forward) {
        forward.route().forEach(destination -> weights.add(destination.weight()));
      }
    }
    return weights;
  }

  private static List<String> codes(Outcome outcome) {
    return outcome.diagnostics().stream().map(Diagnostic::code).toList();
  }
}
