package dev.meshctl.cli.render;

import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.Diagnostic.Severity;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Findings as programs of code review read them. */
public final class DiagnosticForms {
  private static final String SARIF =
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

  private DiagnosticForms() {}

  /**
   * A SARIF 2.1.0 log (OASIS).
   *
   * @param root before the names of files, with a slash; empty for none
   */
  public static Map<String, Object> sarif(List<Diagnostic> diagnostics, String root) {
    Set<String> codes = diagnostics.stream().map(Diagnostic::code).collect(Collectors.toSet());
    List<Map<String, Object>> rules =
        Arrays.stream(DiagnosticCode.values())
            .filter(code -> codes.contains(code.code()))
            .map(code ->
                ordered(
                    "id", code.code(),
                    "name", code.slug(),
                    "shortDescription", Map.of("text", code.title()),
                    "fullDescription", Map.of("text", code.explanation()),
                    "help", Map.of("text", code.fix())))
            .toList();
    return ordered(
        "$schema",
        SARIF,
        "version",
        "2.1.0",
        "runs",
        List.of(
            ordered(
                "tool", Map.of("driver", ordered("name", "meshctl", "rules", rules)),
                "results", diagnostics.stream().map(one -> result(one, root)).toList())));
  }

  private static Map<String, Object> result(Diagnostic diagnostic, String root) {
    return ordered(
        "ruleId", diagnostic.code(),
        "level",
            switch (diagnostic.severity()) {
              case ERROR -> "error";
              case WARNING -> "warning";
              case INFO -> "note";
            },
        "message", Map.of("text", message(diagnostic)),
        "locations",
            List.of(
                Map.of(
                    "physicalLocation",
                    ordered(
                        "artifactLocation", Map.of("uri", root + diagnostic.position().source()),
                        "region",
                            ordered(
                                "startLine", diagnostic.position().line(),
                                "startColumn", diagnostic.position().column())))));
  }

  private static String message(Diagnostic diagnostic) {
    return diagnostic.subject()
        + ": "
        + (diagnostic.field().isEmpty() ? "" : diagnostic.field() + ": ")
        + diagnostic.problem()
        + (diagnostic.fix().isEmpty() ? "" : "; " + diagnostic.fix());
  }

  /** Pairs of names and values, in their order. */
  private static Map<String, Object> ordered(Object... pairs) {
    Map<String, Object> all = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      all.put((String) pairs[i], pairs[i + 1]);
    }
    return all;
  }

  /** Workflow commands of GitHub Actions, a line each. */
  public static List<String> github(List<Diagnostic> diagnostics, String root) {
    return diagnostics.stream()
        .map(one ->
            "::%s file=%s,line=%d,col=%d,title=%s::%s"
                .formatted(
                    command(one.severity()),
                    property(root + one.position().source()),
                    one.position().line(),
                    one.position().column(),
                    one.code(),
                    data(message(one))))
        .toList();
  }

  private static String command(Severity severity) {
    return switch (severity) {
      case ERROR -> "error";
      case WARNING -> "warning";
      case INFO -> "notice";
    };
  }

  private static String data(String text) {
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
  }

  private static String property(String text) {
    return data(text).replace(":", "%3A").replace(",", "%2C");
  }
}
