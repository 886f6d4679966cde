package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.install.Chart;
import dev.meshctl.cluster.install.InstallPlan;
import dev.meshctl.cluster.install.InstallValues;
import dev.meshctl.cluster.install.InstallValues.Said;
import dev.meshctl.model.testkit.Judges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Helm is the judge of our chart: what it makes of it is what we install ourselves. */
class HelmChartIT {
  private static final String VERSION = "1.2.3";
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final YAMLMapper YAML = YAMLMapper.builder().build();

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withoutNodes();

  @TempDir Path scratch = Path.of("");
  private Path chart = Path.of("");

  @BeforeEach
  void write() throws IOException {
    chart = scratch.resolve("chart");
    for (Map.Entry<String, String> file : Chart.files(VERSION).entrySet()) {
      Path path = chart.resolve(file.getKey());
      Files.createDirectories(chart.resolve("templates"));
      Files.writeString(path, file.getValue());
    }
  }

  @Test
  void it_finds_nothing_to_complain_of() {
    assertThat(helm("lint", chart.toString(), "--strict").text()).contains("0 chart(s) failed");
  }

  @TestFactory
  List<DynamicTest> it_makes_of_every_folders_values_what_we_do() throws IOException {
    Path folders = Judges.root().resolve("core-model/cluster/src/test/resources/scenarios/install");
    try (Stream<Path> each = Files.list(folders)) {
      return each.sorted()
          .map(folder ->
              DynamicTest.dynamicTest(
                  folder.getFileName().toString(), () -> compare(folder.resolve("in-values.yaml"))))
          .toList();
    }
  }

  private void compare(Path values) throws IOException {
    InstallValues.Checked checked =
        InstallValues.of(VERSION, List.of(new Said.File("values", Files.readString(values))));
    InstallPlan plan = InstallPlan.of("mesh-here", checked.values());
    Map<String, JsonNode> ours = new TreeMap<>();
    plan.objects().forEach(object -> ours.put(object.toString(), object.tree()));

    Map<String, JsonNode> theirs =
        byName(
            helm(
                    "template",
                    "mesh",
                    chart.toString(),
                    "--namespace",
                    "mesh-here",
                    "--kube-version",
                    "1.37.2",
                    "--values",
                    values.toString())
                .text());

    assertThat(ours.remove("Namespace mesh-here")).isNotNull();
    assertThat(theirs).containsOnlyKeys(ours.keySet());
    ours.forEach((name, tree) -> assertThat(theirs).as(name).containsEntry(name, tree));
  }

  @Test
  void it_refuses_a_value_that_nobody_knows() {
    Output refused =
        helm(
            "template",
            "mesh",
            chart.toString(),
            "--kube-version",
            "1.37.2",
            "--set",
            "controlPlane.replica=3");

    assertThat(refused.exit()).isNotZero();
    assertThat(refused.err()).contains("replica");
  }

  @Test
  void it_installs_into_a_cluster_and_takes_all_of_it_away_again() {
    Set<String> before = ClusterContent.settled(CLUSTER);

    helm(
            "install",
            "mesh",
            chart.toString(),
            "--kubeconfig",
            CLUSTER.kubeconfig().toString(),
            "--namespace",
            "helm-meshctl",
            "--create-namespace")
        .text();
    assertThat(CLUSTER.kubectl("-n", "helm-meshctl", "get", "deploy,svc,pdb", "-o", "name").text())
        .contains("deployment.apps/meshctl-control-plane");
    helm(
            "uninstall",
            "mesh",
            "--kubeconfig",
            CLUSTER.kubeconfig().toString(),
            "--namespace",
            "helm-meshctl",
            "--wait")
        .text();
    CLUSTER.kubectl("delete", "namespace", "helm-meshctl", "--timeout=60s").text();

    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(ClusterContent.objects(CLUSTER)).isEqualTo(before));
  }

  private static Map<String, JsonNode> byName(String yaml) {
    Map<String, JsonNode> byName = new TreeMap<>();
    try (MappingIterator<JsonNode> each = YAML.readerFor(JsonNode.class).readValues(yaml)) {
      while (each.hasNextValue()) {
        if (each.nextValue() instanceof ObjectNode object) {
          byName.put(new ClusterObject(object).toString(), object);
        }
      }
    }
    return byName;
  }

  private Output helm(String... arguments) {
    List<String> command = new ArrayList<>(List.of(Judges.helm().toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("KUBECONFIG");
    for (String home : List.of("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")) {
      builder.environment().put(home, scratch.resolve(home).toString());
    }
    return Output.of(builder, "", SOON);
  }
}
