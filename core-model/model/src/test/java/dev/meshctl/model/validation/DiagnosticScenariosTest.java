package dev.meshctl.model.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.testkit.Scenario;
import dev.meshctl.model.traffic.SplitEditor;
import dev.meshctl.model.traffic.SplitRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every code has a folder with files that raise it ({@code invalid-FIELD-FAULT.yaml}, findings in
 * {@code out-FIELD-FAULT.txt}) and files that do not ({@code valid-*.yaml}). A file that begins
 * with {@code # split set} is edited so after it is read.
 */
class DiagnosticScenariosTest {
  private static final String SPLIT = "# split set ";
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path folder;

  static Stream<Scenario> scenarios() {
    return Scenario.of("diagnostics").stream();
  }

  @Test
  void every_code_that_a_text_can_raise_has_a_folder_of_its_own() {
    assertThat(scenarios().map(Scenario::name))
        .containsExactlyElementsOf(
            Arrays.stream(DiagnosticCode.values())
                .filter(code -> !code.isOfRunningMesh())
                .map(code -> code.code() + "-" + code.slug())
                .toList());
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void a_code_is_raised_by_what_is_invalid_and_not_by_what_is_valid(Scenario scenario)
      throws IOException {
    String code = scenario.name().substring(0, "MESH0000".length());
    List<Path> invalid = scenario.files("invalid-");
    List<Path> valid = scenario.files("valid-");
    assertThat(invalid).as("files that raise %s", code).isNotEmpty();
    assertThat(valid).as("files that do not raise %s", code).isNotEmpty();

    for (Path file : invalid) {
      List<Diagnostic> found = findings(file);
      assertThat(found).as("%s", file).extracting(Diagnostic::code).contains(code);
      String name = file.getFileName().toString().replaceAll("^invalid-|\\.yaml$", "");
      scenario.assertOutput(
          name + ".txt",
          found.stream().map(d -> d.severity() + " " + d + "\n").collect(Collectors.joining()));
    }
    for (Path file : valid) {
      assertThat(findings(file))
          .as("%s", file)
          .noneMatch(d -> d.code().equals(code))
          .noneMatch(d -> d.severity() == Diagnostic.Severity.ERROR);
    }
    scenario.assertNothingIsUnused();
  }

  private List<Diagnostic> findings(Path file) throws IOException {
    Path copy = folder.resolve(file.getFileName());
    Files.copy(file, copy);
    FolderContents contents = FolderSource.read(copy);
    List<Diagnostic> found =
        new ArrayList<>(
            MeshValidator.validate(
                    "cluster.local",
                    "istio-system",
                    contents.documents().resources(),
                    contents.documents().diagnostics(),
                    NOW)
                .diagnostics());
    String text = Files.readString(copy, StandardCharsets.ISO_8859_1);
    if (text.startsWith(SPLIT)) {
      String request = text.lines().findFirst().orElseThrow().substring(SPLIT.length());
      found.addAll(split(contents, request, copy));
    }
    return found;
  }

  private static List<Diagnostic> split(FolderContents contents, String request, Path file)
      throws IOException {
    List<String> words = new ArrayList<>(List.of(request.split(" ")));
    String rule = option(words, "--rule");
    String namespace = option(words, "--namespace");
    boolean changes = words.remove("--changed-meanwhile");
    Map<String, Integer> weights = new LinkedHashMap<>();
    for (String word : words.subList(1, words.size())) {
      String[] nameAndWeight = word.split("=");
      weights.put(nameAndWeight[0], Integer.valueOf(nameAndWeight[1]));
    }
    SplitEditor editor = new SplitEditor(contents);
    return switch (editor.edit(new SplitRequest(words.getFirst(), namespace, rule, weights))) {
      case SplitEditor.Edited.Refused(List<Diagnostic> reasons) -> reasons;
      case SplitEditor.Edited.Prepared(var edit) -> {
        if (changes) {
          Files.writeString(file, "# changed\n");
        }
        yield editor.write(edit);
      }
    };
  }

  private static String option(List<String> words, String name) {
    int index = words.indexOf(name);
    if (index < 0) {
      return "";
    }
    words.remove(index);
    return words.remove(index);
  }
}
