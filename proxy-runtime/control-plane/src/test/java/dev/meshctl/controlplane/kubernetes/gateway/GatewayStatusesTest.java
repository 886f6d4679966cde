package dev.meshctl.controlplane.kubernetes.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.status.GatewayApiStatus;
import dev.meshctl.model.status.ObjectStatus;
import dev.meshctl.model.validation.MeshValidator;
import dev.meshctl.model.validation.ValidationResult;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class GatewayStatusesTest {
  private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATER = Instant.parse("2026-01-02T00:00:00Z");

  private static final String GATEWAY =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: GatewayClass
      metadata: {name: meshctl}
      spec: {controllerName: %s}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: edge, namespace: shop}
      spec:
        gatewayClassName: meshctl
        listeners: [{name: http, port: 80, protocol: HTTP}]
      """
          .formatted(ObjectStatus.CONTROLLER);

  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: cart, namespace: shop, generation: 4}
      spec:
        parentRefs: [{name: edge}]
      """;

  @Test
  void what_nobody_has_said_is_said_with_the_time_and_the_generation() {
    ClusterObject merged =
        GatewayStatuses.merged(object(ROUTE), status("HTTPRoute"), THEN).orElseThrow();

    JsonNode accepted = merged.tree().at("/status/parents/0/conditions/0");
    assertThat(accepted.path("type").asString("")).isEqualTo("Accepted");
    assertThat(accepted.path("status").asString("")).isEqualTo("True");
    assertThat(accepted.path("lastTransitionTime").asString("")).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(accepted.path("observedGeneration").asInt(0)).isEqualTo(4);
  }

  @Test
  void what_is_said_already_is_not_written_again() {
    ClusterObject once =
        GatewayStatuses.merged(object(ROUTE), status("HTTPRoute"), THEN).orElseThrow();

    assertThat(GatewayStatuses.merged(once, status("HTTPRoute"), LATER)).isEmpty();
  }

  @Test
  void a_condition_that_turns_gets_a_new_time_and_the_others_keep_theirs() {
    ClusterObject once =
        GatewayStatuses.merged(object(ROUTE), status("HTTPRoute"), THEN).orElseThrow();
    ObjectNode turned = once.tree().deepCopy();
    ((ObjectNode) turned.at("/status/parents/0/conditions/0")).put("status", "False");

    JsonNode conditions =
        GatewayStatuses.merged(new ClusterObject(turned), status("HTTPRoute"), LATER)
            .orElseThrow()
            .tree()
            .at("/status/parents/0/conditions");

    assertThat(conditions.path(0).path("lastTransitionTime").asString(""))
        .isEqualTo("2026-01-02T00:00:00Z");
    assertThat(conditions.path(1).path("lastTransitionTime").asString(""))
        .isEqualTo("2026-01-01T00:00:00Z");
  }

  @Test
  void what_other_controllers_say_stays() {
    ObjectNode held = object(ROUTE).tree();
    ObjectNode other = held.putObject("status").putArray("parents").addObject();
    other.put("controllerName", "example.com/other").putObject("parentRef").put("name", "theirs");

    JsonNode parents =
        GatewayStatuses.merged(new ClusterObject(held), status("HTTPRoute"), THEN)
            .orElseThrow()
            .tree()
            .at("/status/parents");

    assertThat(parents).hasSize(2);
    assertThat(parents.path(0)).isEqualTo(other);
  }

  @Test
  void conditions_that_wait_for_a_controller_go_once_one_has_spoken() {
    ObjectNode held =
        object(
                """
                apiVersion: gateway.networking.k8s.io/v1
                kind: Gateway
                metadata: {name: edge, namespace: shop, generation: 1}
                spec: {gatewayClassName: meshctl}
                status:
                  conditions:
                  - {type: Accepted, status: Unknown, reason: Pending, message: Waiting}
                """)
            .tree();

    JsonNode conditions =
        GatewayStatuses.merged(new ClusterObject(held), status("Gateway"), THEN)
            .orElseThrow()
            .tree()
            .at("/status/conditions");

    assertThat(conditions.valueStream().map(each -> each.path("status").asString("")))
        .containsOnly("True");
  }

  private static ObjectStatus status(String kind) {
    var read = YamlReader.read("x", GATEWAY + "---\n" + ROUTE);
    ValidationResult result =
        MeshValidator.validate("cluster.local", "istio-system", read.resources(), List.of());
    return GatewayApiStatus.of(((ValidationResult.Valid) result).mesh()).stream()
        .filter(status -> status.kind().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private static ClusterObject object(String yaml) {
    return new ClusterObject((ObjectNode) new YAMLMapper().readTree(yaml));
  }
}
