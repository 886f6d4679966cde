package dev.meshctl.cli.local.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.cli.local.plan.WorkloadEnvironment.PodFacts;
import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.PodTemplate.EnvironmentVariable;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.resource.Service;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkloadEnvironmentTest {
  private static final PodFacts POD =
      new PodFacts(
          "reviews-v1-0",
          "shop",
          "127.77.1.4",
          "reviews",
          "local",
          Map.of("app", "reviews"),
          Map.of("note", "hi"));

  @ParameterizedTest
  @CsvSource({
    "$(HOST):$(PORT), a.example:80",
    "$(UNKNOWN), $(UNKNOWN)",
    "$$(HOST), $(HOST)",
    "$$$(HOST), $a.example",
    "cost $5, cost $5",
    "open $(HOST, open $(HOST",
    "end $, end $",
    "$(), $()"
  })
  void references_are_expanded_as_kubernetes_does(String text, String expected) {
    assertThat(WorkloadEnvironment.expand(text, Map.of("HOST", "a.example", "PORT", "80")))
        .isEqualTo(expected);
  }

  @Test
  void a_variable_sees_those_before_it_and_not_those_after() {
    Map<String, String> environment =
        WorkloadEnvironment.of(
            container(
                new EnvironmentVariable.Literal("EARLY", "$(LATE)"),
                new EnvironmentVariable.Literal("LATE", "$(PATH)!"),
                new EnvironmentVariable.Literal("LATER", "$(LATE)?")),
            POD,
            Map.of("PATH", "/bin"));

    assertThat(environment)
        .containsEntry("EARLY", "$(LATE)")
        .containsEntry("LATE", "/bin!")
        .containsEntry("LATER", "/bin!?");
  }

  @Test
  void the_downward_api_tells_what_a_pod_is() {
    Map<String, String> environment =
        WorkloadEnvironment.of(
            container(
                new EnvironmentVariable.PodField("IP", "status.podIP"),
                new EnvironmentVariable.PodField("NAME", "metadata.name"),
                new EnvironmentVariable.PodField("NS", "metadata.namespace"),
                new EnvironmentVariable.PodField("SA", "spec.serviceAccountName"),
                new EnvironmentVariable.PodField("APP", "metadata.labels['app']"),
                new EnvironmentVariable.PodField("NONE", "metadata.labels['none']"),
                new EnvironmentVariable.PodField("NOTE", "metadata.annotations['note']")),
            POD,
            Map.of());

    assertThat(environment)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "IP", "127.77.1.4",
                "NAME", "reviews-v1-0",
                "NS", "shop",
                "SA", "reviews",
                "APP", "reviews",
                "NONE", "",
                "NOTE", "hi"));
  }

  @Test
  void a_field_that_no_pod_has_is_named_in_the_error() {
    assertThatThrownBy(() ->
            WorkloadEnvironment.of(
                container(new EnvironmentVariable.PodField("X", "status.phase")), POD, Map.of()))
        .hasMessageContaining("env X")
        .hasMessageContaining("status.phase")
        .hasMessageContaining("expected: metadata.name");
  }

  @Test
  void a_service_gives_its_host_and_ports() {
    assertThat(
            WorkloadEnvironment.ofService(service(Service.Type.CLUSTER_IP, false), "127.77.20.3"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "RED_STARS_SERVICE_HOST", "127.77.20.3",
                "RED_STARS_SERVICE_PORT", "80",
                "RED_STARS_SERVICE_PORT_HTTP_MAIN", "80",
                "RED_STARS_SERVICE_PORT_ADMIN", "81"));
  }

  @Test
  void a_service_without_an_address_gives_nothing() {
    assertThat(WorkloadEnvironment.ofService(service(Service.Type.CLUSTER_IP, true), "x"))
        .isEmpty();
    assertThat(WorkloadEnvironment.ofService(service(Service.Type.EXTERNAL_NAME, false), "x"))
        .isEmpty();
  }

  @Test
  void command_and_arguments_are_expanded() {
    PodTemplate.Container container =
        new PodTemplate.Container(
            "c",
            "image",
            List.of("serve"),
            List.of("--port=$(PORT)", "$$(PORT)"),
            List.of(),
            List.of(),
            Optional.empty());

    assertThat(WorkloadEnvironment.commandLine(container, Map.of("PORT", "8080")))
        .containsExactly("serve", "--port=8080", "$(PORT)");
  }

  private static PodTemplate.Container container(EnvironmentVariable... variables) {
    return new PodTemplate.Container(
        "c", "image", List.of("run"), List.of(), List.of(variables), List.of(), Optional.empty());
  }

  private static Service service(Service.Type type, boolean headless) {
    return new Service(
        new Metadata("shop", "red-stars", Map.of(), Map.of()),
        type,
        Map.of(),
        List.of(
            new Service.Port("http-main", 80, new PortRef.Number(80), 0, AppProtocol.HTTP),
            new Service.Port("admin", 81, new PortRef.Number(81), 0, AppProtocol.HTTP)),
        headless,
        "",
        Service.SessionAffinity.NONE);
  }
}
