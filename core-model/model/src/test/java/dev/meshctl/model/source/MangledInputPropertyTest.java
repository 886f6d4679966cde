package dev.meshctl.model.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.traffic.SplitEditor;
import dev.meshctl.model.traffic.SplitRequest;
import dev.meshctl.model.validation.MeshValidator;
import dev.meshctl.model.validation.ValidationResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever is done to a file, reading, validating and editing report and never throw. */
class MangledInputPropertyTest {
  private static final Path SAMPLES = Path.of("src", "test", "resources", "scenarios", "samples");
  private static final List<String> PIECES =
      List.of(
          "",
          "\n",
          "  ",
          "- ",
          ": ",
          "[",
          "]",
          "{",
          "}",
          "&a ",
          "*a",
          "<<: *a",
          "null",
          "~",
          "|\n",
          "-1",
          "1.5",
          "\"",
          "'",
          "#",
          "---\n",
          "\t",
          "\r",
          "?",
          "!!int ",
          "0x7fffffffff",
          "😀",
          "*",
          ".",
          "99999999999999999999",
          "{}",
          "[]",
          ".nan",
          ".inf",
          "true");

  @Property(seed = "42", tries = 400, edgeCases = EdgeCasesMode.NONE)
  void mangled_files_are_reported(@ForAll long seed) throws IOException {
    Random dice = new Random(seed);
    String text = mangled(dice);

    ParsedDocuments parsed = YamlReader.read("in.yaml", text);
    ValidationResult result =
        MeshValidator.validate(
            "cluster.local", "istio-system", parsed.resources(), parsed.diagnostics());

    assertThat(result.diagnostics())
        .allSatisfy(d -> {
          assertThat(d.position().line()).isBetween(1, (int) text.lines().count() + 1);
          assertThat(d.position().column()).isPositive();
        });
    SplitEditor editor =
        new SplitEditor(
            new FolderContents(
                SAMPLES,
                List.of(new SourceFile("in.yaml", SAMPLES, text, FolderSource.sha256(text))),
                parsed));
    for (String rule : List.of("", "tcp[0]", "retried", "canary")) {
      for (String host : List.of("reviews", "httpbin", "foo.example.com")) {
        editor.edit(new SplitRequest(host, "", rule, Map.of("v1", 3)));
      }
    }
  }

  private static String mangled(Random dice) throws IOException {
    List<String> samples =
        List.of(
            "istio-bookinfo/in-platform.yaml",
            "istio-bookinfo/in-networking.yaml",
            "istio-tasks/in-tasks.yaml",
            "gateway-api/in-routes.yaml");
    StringBuilder text =
        new StringBuilder(
            Files.readString(SAMPLES.resolve(samples.get(dice.nextInt(samples.size())))));
    int times = 1 + dice.nextInt(4);
    for (int i = 0; i < times; i++) {
      int start = dice.nextInt(text.length());
      int end = Math.min(text.length(), start + dice.nextInt(12));
      text.replace(start, end, PIECES.get(dice.nextInt(PIECES.size())));
    }
    return text.toString();
  }
}
