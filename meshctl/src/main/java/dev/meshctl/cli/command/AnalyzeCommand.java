package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.context.Folders;
import dev.meshctl.cli.render.Diagnostics;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.MeshValidator;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl analyze}. */
@Command(
    name = "analyze",
    description = {
      "Check a folder of YAML as a mesh would, and report everything that is wrong with it.",
      "Exit code 1 on an error; warnings alone do not fail."
    })
public final class AnalyzeCommand implements Action {
  @Option(
      names = {"-f", "--folder"},
      paramLabel = "DIR",
      required = true,
      description = "A folder of YAML, or one file.")
  private Path folder = Path.of("");

  @Option(
      names = "--trust-domain",
      paramLabel = "DOMAIN",
      defaultValue = Folders.TRUST_DOMAIN,
      description = "Of all identities (default: ${DEFAULT-VALUE}).")
  private String trustDomain = Folders.TRUST_DOMAIN;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws IOException {
    FolderContents contents = FolderSource.read(folder);
    List<Diagnostic> diagnostics =
        MeshValidator.validate(
                trustDomain,
                Folders.ROOT_NAMESPACE,
                contents.documents().resources(),
                contents.documents().diagnostics(),
                Clock.systemUTC().instant())
            .diagnostics();
    if (format.format() == Format.text) {
      show(contents, diagnostics, session.output());
    } else {
      session.output().value(diagnostics, format.format());
    }
    return Diagnostics.errors(diagnostics) > 0 ? ExitCode.FAILED : ExitCode.OK;
  }

  private void show(FolderContents contents, List<Diagnostic> diagnostics, Output output) {
    for (Diagnostic diagnostic : diagnostics) {
      String severity = diagnostic.severity().name().toLowerCase(Locale.ROOT);
      output.line(
          output.paint(Diagnostics.style(diagnostic.severity()), severity)
              + " "
              + Diagnostics.finding(diagnostic));
      if (!diagnostic.fix().isEmpty()) {
        output.line("  fix: " + diagnostic.fix());
      }
    }
    long errors = Diagnostics.errors(diagnostics);
    output.note(
        folder
            + ": "
            + Plural.of(contents.documents().resources().size(), "resource")
            + " in "
            + Plural.of(contents.files().size(), "file")
            + ", "
            + Plural.of(errors, "error")
            + ", "
            + Plural.of(diagnostics.size() - errors, "other finding"));
  }
}
