package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.context.ClusterMesh;
import dev.meshctl.cli.context.Folders;
import dev.meshctl.cli.render.DiagnosticForms;
import dev.meshctl.cli.render.Diagnostics;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Table;
import dev.meshctl.cluster.reading.ClusterReading;
import dev.meshctl.model.compare.Overlay;
import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.Diagnostic.Severity;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.MeshValidator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl analyze}. */
@Command(
    name = "analyze",
    description = {
      "Check a folder of YAML as a mesh would, and report everything that is wrong with it.",
      "With --over: what would be wrong if it were applied over another folder, or the running"
          + " mesh's.",
      "With --context: what is wrong with the mesh of a cluster, or with -f what applying the folder"
          + " there would bring.",
      "Exit code 1 on a finding of the severity of --fail-on or a worse one; else 0."
    })
public final class AnalyzeCommand implements Action {
  private static final String RUNNING = "";

  @Option(
      names = {"-f", "--folder"},
      paramLabel = "DIR",
      description = "A folder of YAML, or one file.")
  private @Nullable Path folder;

  @Option(
      names = "--over",
      paramLabel = "DIR",
      arity = "0..1",
      fallbackValue = RUNNING,
      description = {
        "Report what applying the folder over this one would bring (without DIR: over the one that"
            + " the running mesh watches)."
      })
  private @Nullable String over;

  @Option(names = "--all", description = "With --over: what was wrong before, too.")
  private boolean all;

  /** What a run fails on. */
  enum FailOn {
    error,
    warning,
    info
  }

  @Option(
      names = "--fail-on",
      paramLabel = "SEVERITY",
      defaultValue = "error",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private FailOn failOn = FailOn.error;

  @Option(
      names = "--trust-domain",
      paramLabel = "DOMAIN",
      defaultValue = Folders.TRUST_DOMAIN,
      description = "Of all identities (default: ${DEFAULT-VALUE}).")
  private String trustDomain = Folders.TRUST_DOMAIN;

  @Option(
      names = "--list-checks",
      description = "List every finding there is; what one means says meshctl explain code.")
  private boolean listChecks;

  /** {@code -o}. */
  enum Form {
    text,
    json,
    yaml,
    sarif,
    github
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Form form = Form.text;

  @Mixin private MeshOption mesh = new MeshOption();

  @Override
  public ExitCode run(Session session) throws IOException {
    if (listChecks) {
      list(session.output());
      return ExitCode.OK;
    }
    FolderContents contents;
    List<Diagnostic> found;
    if (mesh.onCluster()) {
      try (ClusterMesh cluster = mesh.cluster()) {
        ClusterReading held = cluster.read();
        contents = folder == null ? held.contents() : FolderSource.read(folder);
        found =
            folder == null
                ? ofCluster(held, cluster.settings())
                : overCluster(contents, held, cluster.settings());
      }
    } else if (folder == null) {
      throw CommandFailure.refused(
          "nothing to analyze",
          List.of(),
          "name a folder of YAML, or one file: -f DIR; or a cluster: --context NAME");
    } else {
      contents = FolderSource.read(folder);
      found =
          over == null
              ? Folders.validated(contents, trustDomain).diagnostics()
              : applied(contents, over, session);
    }
    switch (form) {
      case text -> show(contents, found, session.output());
      case json -> session.output().value(found, Format.json);
      case yaml -> session.output().value(found, Format.yaml);
      case sarif -> session.output().value(DiagnosticForms.sarif(found, root()), Format.json);
      case github ->
          DiagnosticForms.github(found, root()).forEach(line -> session.output().line(line));
    }
    boolean fails = found.stream().anyMatch(one -> one.severity().compareTo(threshold()) <= 0);
    return fails ? ExitCode.FAILED : ExitCode.OK;
  }

  private Severity threshold() {
    return switch (failOn) {
      case error -> Severity.ERROR;
      case warning -> Severity.WARNING;
      case info -> Severity.INFO;
    };
  }

  private List<Diagnostic> applied(FolderContents contents, String below, Session session)
      throws IOException {
    FolderContents base =
        FolderSource.read(
            Path.of(below.equals(RUNNING) ? mesh.mesh(session).configFolder() : below));
    Overlay overlay = Overlay.of(base, contents);
    List<Diagnostic> after =
        MeshValidator.validate(
                trustDomain, Folders.ROOT_NAMESPACE, overlay.resources(), overlay.earlier())
            .diagnostics();
    return all ? after : Overlay.brought(Folders.validated(base, trustDomain).diagnostics(), after);
  }

  private static List<Diagnostic> ofCluster(
      ClusterReading held, ClusterMesh.MeshSettings settings) {
    List<Diagnostic> found = new ArrayList<>(held.findings());
    found.addAll(Folders.validated(held, settings).diagnostics());
    return found;
  }

  /** What applying the folder over what the cluster holds would bring. */
  private List<Diagnostic> overCluster(
      FolderContents above, ClusterReading held, ClusterMesh.MeshSettings settings) {
    List<Diagnostic> before = Folders.validated(held, settings).diagnostics();
    List<Diagnostic> after = new ArrayList<>(above.documents().diagnostics());
    Folders.validated(held.with(above), settings).diagnostics().stream()
        .filter(finding -> !after.contains(finding))
        .forEach(after::add);
    return all ? after : Overlay.brought(before, after);
  }

  /** What files are told from, for programs that look them up. */
  private String root() {
    return folder == null || !Files.isDirectory(folder) ? "" : folder + "/";
  }

  private void list(Output output) {
    if (form == Form.text) {
      Table table = Table.of("CODE", "SEVERITY", "FINDING");
      for (DiagnosticCode code : DiagnosticCode.values()) {
        table.row(code.code(), word(code.severity()), code.title());
      }
      output.table(table);
    } else {
      output.value(
          List.of(DiagnosticCode.values()).stream()
              .map(code ->
                  Map.of(
                      "code", code.code(),
                      "severity", code.severity(),
                      "title", code.title(),
                      "explanation", code.explanation(),
                      "fix", code.fix()))
              .toList(),
          form == Form.yaml ? Format.yaml : Format.json);
    }
  }

  private static String word(Severity severity) {
    return severity.name().toLowerCase(Locale.ROOT);
  }

  private void show(FolderContents contents, List<Diagnostic> diagnostics, Output output) {
    for (Diagnostic diagnostic : diagnostics) {
      output.line(
          output.paint(Diagnostics.style(diagnostic.severity()), word(diagnostic.severity()))
              + " "
              + Diagnostics.finding(diagnostic));
      if (!diagnostic.fix().isEmpty()) {
        output.line("  fix: " + diagnostic.fix());
      }
    }
    long errors = Diagnostics.errors(diagnostics);
    output.note(
        contents.folder()
            + ": "
            + Plural.of(contents.documents().resources().size(), "resource")
            + " in "
            + Plural.of(contents.files().size(), "file")
            + ", "
            + Plural.of(errors, "error")
            + ", "
            + Plural.of(diagnostics.size() - errors, "other finding")
            + ((over != null || mesh.onCluster() && folder != null) && !all
                ? " that were not there before"
                : ""));
  }
}
