package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.CommandLineFixture.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AnalyzeTest {
  private static final String BASE =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: shop}
      spec:
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec: {containers: [{name: a, image: a}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: shop}
      spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: nobody, namespace: shop}
      spec: {selector: {app: nobody}, ports: [{name: http, port: 80}]}
      """;
  private static final String ROUTE =
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: web, namespace: shop}
      spec:
        hosts: [web]
        http: [{route: [{destination: {host: %s}, weight: 50}]}]
      """;

  @TempDir private Path state;
  @TempDir private Path below;
  @TempDir private Path change;
  private CommandLineFixture cli;

  @BeforeEach
  void write() throws IOException {
    cli = CommandLineFixture.in(state);
    Files.writeString(below.resolve("shop.yaml"), BASE);
    Files.writeString(change.resolve("route.yaml"), ROUTE.formatted("web"));
  }

  @Test
  void a_folder_alone_is_told_everything_that_is_wrong_with_it() {
    Said said = cli.run("analyze", "-f", change.toString());
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.out()).contains("\nerror MESH0102 VirtualService shop/web (route.yaml:6:40): ");
    assertThat(said.err()).contains("1 resource in 1 file, 1 error, ");
  }

  @Test
  void over_another_folder_only_what_the_change_brings_is_told() {
    Said said = cli.run("analyze", "-f", change.toString(), "--over", below.toString());
    assertThat(said.exitCode()).isZero();
    assertThat(said.out())
        .startsWith("info MESH0170 VirtualService shop/web (route.yaml:6:")
        .doesNotContain("MESH0121");
    assertThat(said.err()).endsWith("0 errors, 1 other finding that were not there before\n");

    Said all = cli.run("analyze", "-f", change.toString(), "--over", below.toString(), "--all");
    assertThat(all.out())
        .contains("MESH0170")
        .contains("warning MESH0121 Service shop/nobody (" + below + "/shop.yaml:");
  }

  @Test
  void a_resource_of_the_same_name_replaces_the_one_below() throws IOException {
    Files.writeString(
        change.resolve("route.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: nobody, namespace: shop}
        spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
        """);
    Said said = cli.run("analyze", "-f", change.toString(), "--over", below.toString(), "--all");
    assertThat(said.out()).isEmpty();
    assertThat(said.exitCode()).isZero();
  }

  @Test
  void what_a_run_fails_on_can_be_said() {
    String folder = below.toString();
    assertThat(cli.run("analyze", "-f", folder).exitCode()).isZero();
    assertThat(cli.run("analyze", "-f", folder, "--fail-on", "warning").exitCode()).isEqualTo(1);
    Said info = cli.run("analyze", "-f", change.toString(), "--over", folder, "--fail-on", "info");
    assertThat(info.exitCode()).isEqualTo(1);
  }

  @Test
  void sarif_has_a_rule_and_a_place_for_each_finding() {
    Said said = cli.run("analyze", "-f", below.toString(), "-o", "sarif");
    JsonNode run = JsonMapper.builder().build().readTree(said.out()).path("runs").path(0);
    JsonNode result = run.path("results").path(0);
    assertThat(result.path("ruleId").asString()).isEqualTo("MESH0121");
    assertThat(result.path("level").asString()).isEqualTo("warning");
    JsonNode place = result.path("locations").path(0).path("physicalLocation");
    assertThat(place.path("artifactLocation").path("uri").asString())
        .isEqualTo(below + "/shop.yaml");
    assertThat(place.path("region").path("startLine").asInt()).isEqualTo(18);
    assertThat(run.path("tool").path("driver").path("rules").path(0).path("id").asString())
        .isEqualTo("MESH0121");
  }

  @Test
  void github_annotations_are_a_line_each() {
    Said said = cli.run("analyze", "-f", below.toString(), "-o", "github");
    assertThat(said.out())
        .startsWith("::warning file=" + below + "/shop.yaml,line=18,col=")
        .contains(",title=MESH0121::Service shop/nobody: spec.selector: ");
  }

  @Test
  void every_check_is_listed_and_explained() {
    assertThat(cli.run("analyze", "--list-checks").out())
        .contains("MESH0119", "A rule can never match");
    Said said = cli.run("explain", "code", "119");
    assertThat(said.out())
        .startsWith("warning MESH0119: A rule can never match\n")
        .contains("  fix: ");
    assertThat(cli.run("explain", "code", "MESH0O19").err()).contains("did you mean 'MESH0");
    assertThat(cli.run("analyze").exitCode()).isEqualTo(2);
  }
}
