package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.check.Finding;
import dev.meshctl.cli.check.MachineChecks;
import dev.meshctl.cli.check.MeshChecks;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meshctl check}. */
@Command(
    name = "check",
    description = {
      "Look whether this machine can run a mesh, and whether the meshes on it are well.",
      "Exit code 1 on an error."
    })
public final class CheckCommand implements Action {
  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) {
    List<Finding> findings = new ArrayList<>();
    findings.addAll(new MachineChecks(session.environment(), session.meshes()).run());
    findings.addAll(new MeshChecks(session.meshes(), Clock.systemUTC()).run());
    if (format.format() == Format.text) {
      findings.forEach(finding -> show(finding, session.output()));
    } else {
      session.output().value(findings, format.format());
    }
    return findings.stream().anyMatch(f -> f.level() == Finding.Level.ERROR)
        ? ExitCode.FAILED
        : ExitCode.OK;
  }

  private static void show(Finding finding, Output output) {
    String mark =
        switch (finding.level()) {
          case OK -> output.paint(Style.GOOD, "ok     ");
          case WARNING -> output.paint(Style.CAREFUL, "warning");
          case ERROR -> output.paint(Style.BAD, "error  ");
        };
    output.line(mark + "  " + finding.subject() + ": " + finding.found());
    if (!finding.fix().isEmpty()) {
      output.line("         fix: " + finding.fix());
    }
  }
}
