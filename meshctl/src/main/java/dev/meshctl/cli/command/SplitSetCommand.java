package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.render.Diagnostics;
import dev.meshctl.cli.render.Output;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.RunningMesh;
import dev.meshctl.model.source.AtomicFile;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.traffic.HostSplit;
import dev.meshctl.model.traffic.SplitEdit;
import dev.meshctl.model.traffic.SplitEditor;
import dev.meshctl.model.validation.Diagnostic;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meshctl split set}. */
@Command(
    name = "set",
    description = {
      "Move the split of a host: edit the resource that governs it, and wait until every proxy has"
          + " acknowledged.",
      "Exit code 2 where the split cannot be: nothing is changed then."
    },
    footer = {"", "  meshctl split set reviews v1=90 v3=10"})
public final class SplitSetCommand implements Action {
  /** What {@code -o} shows of the edit. */
  enum Form {
    text,
    diff,
    yaml
  }

  @Mixin private SplitTarget target = new SplitTarget();

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "VERSION=WEIGHT",
      description = "Weights, in proportion to each other; versions not named get none.")
  private Map<String, Integer> weights = new LinkedHashMap<>();

  @Option(names = "--dry-run", description = "Show the edit and change nothing.")
  private boolean dryRun;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}); yaml is the whole file.")
  private Form form = Form.text;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "10s",
      description = "How long to wait for proxies (default: ${DEFAULT-VALUE}).")
  private Duration timeout = Duration.ofSeconds(10);

  @Override
  public ExitCode run(Session session) throws IOException, InterruptedException {
    SplitEditor editor = new SplitEditor(FolderSource.read(target.folder(session)));
    SplitEdit edit =
        switch (editor.edit(target.request(weights))) {
          case SplitEditor.Edited.Prepared(SplitEdit prepared) -> prepared;
          case SplitEditor.Edited.Refused(List<Diagnostic> reasons) -> throw refused(reasons);
        };
    show(edit, session.output());
    if (dryRun) {
      session.output().note("dry run: nothing was changed");
      return ExitCode.OK;
    }
    // Looked up before writing: an ambiguity must not leave half of the work done.
    Optional<RunningMesh> mesh = target.watching(session);
    if (edit.isChange()) {
      List<Diagnostic> reasons = editor.write(edit);
      if (!reasons.isEmpty()) {
        throw refused(reasons);
      }
    }
    if (mesh.isEmpty()) {
      session.output().note("no mesh runs on this folder: nothing to wait for");
      return ExitCode.OK;
    }
    await(edit, mesh.get(), session);
    return ExitCode.OK;
  }

  private void await(SplitEdit edit, RunningMesh mesh, Session session)
      throws IOException, InterruptedException {
    try (MeshClient client = MeshClient.of(mesh.endpoint())) {
      Acknowledgement wait =
          new Acknowledgement(client::status, client::proxies, timeout, session.output());
      switch (wait.of(edit.file().name(), edit.newText())) {
        case Acknowledgement.Outcome.Everywhere done -> session.output().line(done.text());
        case Acknowledgement.Outcome.Refused(List<Diagnostic> reasons) -> {
          AtomicFile.write(edit.file().path(), edit.file().text());
          throw refused(reasons);
        }
        case Acknowledgement.Outcome.Late late ->
            throw CommandFailure.failed(
                late.text(),
                late.proxies(),
                "the file keeps the new split; look at `meshctl proxy status`");
      }
    }
  }

  private static CommandFailure refused(List<Diagnostic> reasons) {
    return CommandFailure.refused("the split stays as it is", Diagnostics.lines(reasons), "");
  }

  private void show(SplitEdit edit, Output output) {
    switch (form) {
      case diff -> output.out().print(edit.diff());
      case yaml -> output.out().print(edit.newText());
      case text -> {
        output.line(SplitText.heading(edit.after(), output));
        changes(edit).forEach(output::line);
      }
    }
  }

  private static List<String> changes(SplitEdit edit) {
    if (!edit.isChange()) {
      return List.of("  already so");
    }
    Map<String, Double> before = new LinkedHashMap<>();
    edit.before()
        .rules()
        .forEach(rule -> rule.shares().forEach(s -> before.put(rule.name() + s.name(), s.share())));
    return edit.after().rules().stream()
        .flatMap(rule -> rule.shares().stream().map(share -> change(before, rule, share)))
        .toList();
  }

  private static String change(
      Map<String, Double> before, HostSplit.Rule rule, HostSplit.Share share) {
    double was = before.getOrDefault(rule.name() + share.name(), 0.0);
    return "  "
        + share.name()
        + "  "
        + SplitText.percent(was * 100)
        + " -> "
        + SplitText.percent(share.share() * 100);
  }
}
