package dev.meshctl.model.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.testkit.Scenario;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Scenario folders, {@code in-mesh.yaml} to {@code out-status.yaml}: the objects with their status,
 * as an API server would be sent them.
 */
class GatewayApiStatusTest {
  static Stream<Scenario> scenarios() {
    return Scenario.of("status").stream();
  }

  private static List<ObjectStatus> statuses(Scenario scenario) throws IOException {
    return GatewayApiStatus.of(
        MeshText.valid(FolderSource.read(scenario.files("in-mesh").getFirst()).documents()));
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void a_status_says_what_came_of_an_object(Scenario scenario) throws IOException {
    Dump yaml =
        new Dump(
            DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setWidth(120)
                .setSchema(new CoreSchema())
                .build());
    scenario.assertOutput(
        "status.yaml",
        statuses(scenario).stream()
            .map(status -> yaml.dumpToString(status.object()))
            .collect(Collectors.joining("---\n")));
    scenario.assertNothingIsUnused();
  }

  @Test
  void scenarios_show_every_condition_with_each_of_its_reasons() throws IOException {
    Set<String> shown = new TreeSet<>();
    for (Scenario scenario : Scenario.of("status")) {
      for (ObjectStatus status : statuses(scenario)) {
        status
            .said()
            .forEach(said ->
                shown.add(
                    said.condition().type()
                        + "="
                        + said.condition().status()
                        + " "
                        + said.condition().reason()));
      }
    }
    assertThat(shown)
        .containsExactly(
            "Accepted=False Conflicted",
            "Accepted=False Invalid",
            "Accepted=False ListenersNotValid",
            "Accepted=False NoMatchingListenerHostname",
            "Accepted=False NoMatchingParent",
            "Accepted=False NoValidCACertificate",
            "Accepted=False NotAllowedByListeners",
            "Accepted=False TargetNotFound",
            "Accepted=False UnsupportedProtocol",
            "Accepted=False UnsupportedValue",
            "Accepted=True Accepted",
            "Accepted=True ListenersNotValid",
            "Conflicted=False NoConflicts",
            "Conflicted=True HostnameConflict",
            "Conflicted=True ProtocolConflict",
            "Programmed=False Invalid",
            "Programmed=True Programmed",
            "ResolvedRefs=False BackendNotFound",
            "ResolvedRefs=False InvalidCACertificateKind",
            "ResolvedRefs=False InvalidCACertificateRef",
            "ResolvedRefs=False InvalidCertificateRef",
            "ResolvedRefs=False InvalidKind",
            "ResolvedRefs=False InvalidRouteKinds",
            "ResolvedRefs=False RefNotPermitted",
            "ResolvedRefs=True ResolvedRefs");
  }
}
