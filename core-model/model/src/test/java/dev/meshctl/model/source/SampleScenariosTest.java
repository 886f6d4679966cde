package dev.meshctl.model.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.testkit.Scenario;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.MeshValidator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** YAML as people have it: read and validated without an error; the records are pinned. */
class SampleScenariosTest {
  static Stream<Scenario> samples() {
    return Scenario.of("samples").stream();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void a_sample_is_a_mesh_and_what_is_not_applied_is_named(Scenario scenario) throws IOException {
    List<Located<? extends MeshResource>> resources = new ArrayList<>();
    List<Diagnostic> diagnostics = new ArrayList<>();
    for (Path file : scenario.files("in-")) {
      ParsedDocuments parsed =
          YamlReader.read(file.getFileName().toString(), Files.readString(file));
      resources.addAll(parsed.resources());
      diagnostics.addAll(parsed.diagnostics());
    }

    List<Diagnostic> found =
        MeshValidator.validate("cluster.local", "istio-system", resources, diagnostics)
            .diagnostics();

    assertThat(found).noneMatch(d -> d.severity() == Diagnostic.Severity.ERROR);
    scenario.assertOutput(
        "findings.txt",
        found.stream().map(d -> d.severity() + " " + d + "\n").collect(Collectors.joining()));
    scenario.assertOutput(
        "resources.txt",
        resources.stream()
            .map(Located::resource)
            .filter(r -> !r.kind().equals("Deployment") && !r.kind().equals("Service"))
            .sorted(Comparator.comparing(r -> r.id().toString()))
            .map(r -> r + "\n")
            .collect(Collectors.joining()));
    scenario.assertNothingIsUnused();
  }
}
