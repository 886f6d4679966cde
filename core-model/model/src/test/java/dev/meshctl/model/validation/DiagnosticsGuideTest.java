package dev.meshctl.model.validation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/guide/diagnostics.md} is the catalogue as people read it. With the system property
 * {@code scenarios.write=true} it is written instead of compared.
 */
class DiagnosticsGuideTest {
  private static final Path GUIDE =
      Path.of(System.getProperty("meshctl.root", "../.."), "docs", "guide", "diagnostics.md");

  @Test
  void the_guide_says_what_the_catalogue_says() throws IOException {
    if (Boolean.getBoolean("scenarios.write")) {
      Files.writeString(GUIDE, guide());
    }

    assertThat(GUIDE).hasContent(guide());
  }

  @Test
  void codes_that_cover_those_of_others_exist() throws IOException {
    List<String> known = Arrays.stream(DiagnosticCode.values()).map(DiagnosticCode::code).toList();
    Matcher named =
        Pattern.compile("MESH\\d{4}")
            .matcher(Files.readString(GUIDE.resolveSibling("diagnostics-coverage.md")));
    assertThat(named.results().map(MatchResult::group)).isNotEmpty().isSubsetOf(known);
  }

  @Test
  void codes_are_unique_and_in_order() {
    assertThat(Arrays.stream(DiagnosticCode.values()).map(DiagnosticCode::code))
        .isSorted()
        .doesNotHaveDuplicates()
        .allMatch(code -> code.matches("MESH\\d{4}"));
  }

  private static String guide() {
    StringBuilder text =
        new StringBuilder(
            """
            # Diagnostics

            Every finding has a code that never changes its meaning, and one shape:

            ```
            MESH0112 VirtualService shop/cart (cart.yaml:18:15): spec.http[0].route[1].weight: -1 (expected: 0 to 1000000); raise it
            ```

            code, subject, file:line:column, field, value with what was expected, what to do. Errors
            leave the last good configuration in force; warnings and infos do not stop it.

            This page is written from `DiagnosticCode` by `DiagnosticsGuideTest`. Files that raise each
            code, and files that do not, are in `core-model/model/src/test/resources/scenarios/diagnostics`.
            Which of them stand for the findings of `istioctl analyze` and of Kiali is [beside](diagnostics-coverage.md).

            | code | severity | finding |
            |---|---|---|
            """);
    for (DiagnosticCode code : DiagnosticCode.values()) {
      text.append(
          "| [%s](#%s) | %s | %s |\n"
              .formatted(code.code(), anchor(code), severity(code), code.title()));
    }
    for (DiagnosticCode code : DiagnosticCode.values()) {
      text.append("\n## %s %s\n\n".formatted(code.code(), code.slug()));
      text.append(
          "**%s** (%s). %s\n\n".formatted(code.title(), severity(code), code.explanation()));
      text.append("What to do: %s.\n".formatted(code.fix()));
    }
    return text.toString();
  }

  private static String anchor(DiagnosticCode code) {
    return code.code().toLowerCase(Locale.ROOT) + "-" + code.slug();
  }

  private static String severity(DiagnosticCode code) {
    return code.severity().name().toLowerCase(Locale.ROOT);
  }
}
