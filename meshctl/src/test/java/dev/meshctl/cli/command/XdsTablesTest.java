package dev.meshctl.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.render.Screen;
import dev.meshctl.cli.render.Table;
import dev.meshctl.model.testkit.TranslationScenario;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.wire.ResourceJson;
import dev.meshctl.model.xds.ResourceType;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The tables read what the control plane really answers, in every translation scenario. */
class XdsTablesTest {
  static List<TranslationScenario> scenarios() {
    return TranslationScenario.all();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void every_resource_has_its_line_and_every_line_leads_somewhere(TranslationScenario scenario) {
    List<String> listeners = table(scenario, ResourceType.LISTENER, XdsTables::listeners);
    List<String> routes = table(scenario, ResourceType.ROUTE, XdsTables::routes);
    List<String> clusters = table(scenario, ResourceType.CLUSTER, XdsTables::clusters);
    List<String> endpoints = table(scenario, ResourceType.ENDPOINTS, XdsTables::endpoints);

    // A listener's further chains repeat neither name nor address.
    assertThat(listeners.stream().filter(line -> line.matches(".*([0-9:]:\\d+| API ).*")))
        .hasSizeGreaterThanOrEqualTo(count(scenario, ResourceType.LISTENER));
    assertThat(routes).hasSizeGreaterThanOrEqualTo(count(scenario, ResourceType.ROUTE));
    assertThat(clusters).hasSize(count(scenario, ResourceType.CLUSTER));
    assertThat(endpoints).hasSizeGreaterThanOrEqualTo(count(scenario, ResourceType.ENDPOINTS));
    scenario
        .snapshot()
        .of(ResourceType.ENDPOINTS)
        .values()
        .forEach(assignment ->
            assertThat(endpoints)
                .anySatisfy(line -> assertThat(line).contains(name(assignment.name()))));
  }

  /** A long name is cut in its middle; its beginning stands. */
  private static String name(String whole) {
    return whole.substring(0, Math.min(12, whole.length()));
  }

  private static int count(TranslationScenario scenario, ResourceType type) {
    return scenario.snapshot().of(type).size();
  }

  /** The lines below the head. */
  private static List<String> table(
      TranslationScenario scenario, ResourceType type, Function<JsonNode, Table> rendering) {
    JsonNode resources =
        new ObjectMapper()
            .readTree(
                ResourceJson.array(
                    scenario.snapshot().of(type).values().stream()
                        .map(EncodedResource::of)
                        .toList()));
    List<String> lines = rendering.apply(resources).lines(Screen.PLAIN);
    return lines.subList(1, lines.size());
  }
}
