package dev.meshctl.cli.explain;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.render.Diagnostics;
import dev.meshctl.cli.render.Output;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.Suggestion;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code meshctl explain code}. */
@Command(name = "code", description = "Say what the code of a finding means, and what to do.")
public final class ExplainCodeCommand implements Action {
  @Parameters(paramLabel = "CODE", description = "As a finding begins: MESH0119, or 119.")
  private String code = "";

  @Override
  public ExitCode run(Session session) {
    String asked = code.toUpperCase(Locale.ROOT);
    String full =
        asked.matches("\\d{1,4}") ? "MESH" + "0".repeat(4 - asked.length()) + asked : asked;
    DiagnosticCode found =
        Arrays.stream(DiagnosticCode.values())
            .filter(known -> known.code().equals(full))
            .findFirst()
            .orElseThrow(() -> unknown(full));
    Output output = session.output();
    String severity = found.severity().name().toLowerCase(Locale.ROOT);
    output.line(
        output.paint(Diagnostics.style(found.severity()), severity)
            + " "
            + found.code()
            + ": "
            + found.title());
    output.line(found.explanation());
    output.line("  fix: " + found.fix());
    return ExitCode.OK;
  }

  private static CommandFailure unknown(String code) {
    List<String> known = Arrays.stream(DiagnosticCode.values()).map(DiagnosticCode::code).toList();
    return CommandFailure.refused(
        "no finding has the code " + code,
        List.of(),
        Suggestion.fix(code, known, "see meshctl analyze --list-checks"));
  }
}
