package dev.meshctl.cli.local;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cli.render.Table;
import dev.meshctl.model.query.RunningMesh;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code meshctl local status}. */
@Command(
    name = "status",
    description = "Show the processes of a mesh on this machine, and how often each died.")
final class LocalStatusCommand implements Action {
  @Option(
      names = {"--name", "--mesh"},
      paramLabel = "NAME",
      description = "Which mesh; the only one unless told.")
  private @Nullable String name;

  @Option(
      names = "-o",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES}; text unless told.")
  private Format format = Format.text;

  @Override
  public ExitCode run(Session session) throws IOException {
    RunningMesh mesh = session.mesh(Optional.ofNullable(name));
    LocalStatus status = LocalStatus.read(session.meshes().folder(mesh.name()));
    switch (format) {
      case text -> text(session, status);
      case json, yaml -> session.output().value(status, format);
    }
    return ExitCode.OK;
  }

  private static void text(Session session, LocalStatus status) {
    var output = session.output();
    output.line("mesh " + status.name() + ": " + status.phase().name().toLowerCase(Locale.ROOT));
    output.line("  capture        " + status.capture());
    output.line("  configuration  " + status.configFolder());
    output.line("  control plane  " + status.controlPlane());
    status.gatewayUrls().forEach(url -> output.line("  gateway        " + url));
    output.line("  supervisor     pid " + status.supervisorPid());
    output.line("");
    Table table =
        Table.of("PROCESS", "KIND", "STATE", "PID", "RESTARTS", "ADDRESS", "LAST EXIT")
            .right(3, 4)
            .shrinkable(0, 6);
    for (LocalStatus.ProcessStatus process : status.processes()) {
      table.row(
          process.name(),
          process.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'),
          Table.Cell.of(
              process.state().equals("READY") ? Style.GOOD : Style.BAD,
              process.state().toLowerCase(Locale.ROOT)),
          process.pid() == 0 ? "-" : Long.toString(process.pid()),
          process.restarts(),
          process.address(),
          process.lastExit());
    }
    output.table(table);
    if (!status.diagnostics().isEmpty()) {
      output.line("");
      output.line("of the configuration as it is in the folder now:");
      status.diagnostics().forEach(finding -> output.line("  " + finding));
    }
  }
}
