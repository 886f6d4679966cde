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

class InjectTest {
  private static final String SHOP =
      """
      # the shop
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: shop}
      spec:
        template:
          metadata:
            annotations:
              sidecar.istio.io/proxyCPUs: 100m # a slip
          spec:
            containers: [{name: web, image: web}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: shop}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: node-agent}
      spec: {hostNetwork: true, containers: [{name: a, image: a}]}
      """;

  @TempDir private Path folder;
  private CommandLineFixture cli;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    cli = CommandLineFixture.in(folder);
    file = Files.writeString(folder.resolve("shop.yaml"), SHOP);
  }

  @Test
  void it_prints_the_file_with_sidecars_and_says_what_was_not_injected_and_why() {
    Said said = cli.run("inject", "-f", file.toString(), "--image", "mesh:7");

    assertThat(said.exitCode()).isZero();
    assertThat(said.out())
        .startsWith("# the shop\n")
        .contains("sidecar.istio.io/proxyCPUs: 100m # a slip\n", "image: mesh:7", "istio-proxy");
    assertThat(said.err())
        .isEqualTo(
            """
            %1$s:2:1 Deployment shop/web: injected
              MESH0220 'sidecar.istio.io/proxyCPUs' is not known; did you mean \
            'sidecar.istio.io/proxyCPU'?
            %1$s:17:1 Pod default/node-agent: not injected: hostNetwork: the pod shares its node's \
            network, whose traffic would be captured too
            1 object without pods
            """
                .formatted(file));
  }

  @Test
  void json_is_one_object_or_a_list_of_them() {
    JsonNode list =
        new JsonMapper().readTree(cli.run("inject", "-f", file.toString(), "-o", "json").out());

    assertThat(list.path("kind").stringValue()).isEqualTo("List");
    assertThat(list.path("items").size()).isEqualTo(3);
    assertThat(
            list.path("items").path(0).at("/spec/template/spec/initContainers/1/name").asString())
        .isEqualTo("istio-proxy");
  }

  @Test
  void settings_come_from_a_file_and_the_image_from_the_command() throws IOException {
    Path settings =
        Files.writeString(
            folder.resolve("settings.yaml"),
            "{image: of-the-file, nativeSidecars: false, trustDomain: example.org}");

    String out =
        cli.run(
                "inject",
                "-f",
                file.toString(),
                "--settings",
                settings.toString(),
                "--image",
                "i:1")
            .out();

    assertThat(out).contains("image: i:1", "example.org").doesNotContain("restartPolicy: Always");
  }

  @Test
  void nothing_is_printed_where_a_pod_asks_for_what_cannot_be_done() throws IOException {
    Files.writeString(
        file,
        SHOP.replace(
            "sidecar.istio.io/proxyCPUs: 100m # a slip",
            "traffic.sidecar.istio.io/excludeInboundPorts: all"));

    Said said = cli.run("inject", "-f", file.toString());

    assertThat(said.exitCode()).isEqualTo(2);
    assertThat(said.out()).isEmpty();
    assertThat(said.err()).contains("MESH0221 traffic.sidecar.istio.io/excludeInboundPorts: 'all'");
  }

  @Test
  void what_is_no_yaml_is_told_with_its_place() throws IOException {
    Files.writeString(file, "a: [");

    Said said = cli.run("inject", "-f", file.toString());

    assertThat(said.exitCode()).isEqualTo(2);
    assertThat(said.out()).isEmpty();
    assertThat(said.err()).contains("MESH0001 " + file);
  }
}
