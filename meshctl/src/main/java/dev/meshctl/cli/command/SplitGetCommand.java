package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.render.Diagnostics;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cli.render.Table;
import dev.meshctl.cli.render.Table.Cell;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.RunningMesh;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.traffic.HostSplit;
import dev.meshctl.model.traffic.SplitEditor;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meshctl split get}. */
@Command(
    name = "get",
    description = "Show how the traffic of a host is split, and how it was in the last 10 s.")
public final class SplitGetCommand implements Action {
  private static final Duration WINDOW = Duration.ofSeconds(10);

  @Mixin private SplitTarget target = new SplitTarget();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws IOException {
    SplitEditor editor = new SplitEditor(FolderSource.read(target.folder(session)));
    HostSplit split =
        switch (editor.find(target.request(Map.of()))) {
          case SplitEditor.Found.Governed(HostSplit found) -> found;
          case SplitEditor.Found.Refused(var reasons) ->
              throw CommandFailure.refused(
                  "there is no such split", Diagnostics.lines(reasons), "");
        };
    if (format.format() == Format.text) {
      show(split, observed(session), session.output());
    } else {
      session.output().value(split, format.format());
    }
    return ExitCode.OK;
  }

  /** What was measured is an extra: a mesh that does not answer takes nothing from the answer. */
  private Optional<GraphView> observed(Session session) throws IOException {
    Optional<RunningMesh> mesh = target.watching(session);
    if (mesh.isEmpty()) {
      return Optional.empty();
    }
    try (MeshClient client = MeshClient.of(mesh.get().endpoint())) {
      return Optional.of(client.graph(WINDOW));
    } catch (MeshQueryException silent) {
      session.output().note("(no measurements: " + silent.getMessage() + ")");
      return Optional.empty();
    }
  }

  private static void show(HostSplit split, Optional<GraphView> observed, Output output) {
    output.line(SplitText.heading(split, output));
    for (HostSplit.Rule rule : split.rules()) {
      output.line("");
      output.line(rule.name() + (rule.match().isEmpty() ? "" : ", for " + rule.match()));
      Table table =
          Table.of("  VERSION", "WEIGHT", "SHARE", "OBSERVED", "REQUESTS").right(1, 2, 3, 4);
      for (HostSplit.Share share : rule.shares()) {
        Optional<GraphView.Edge> edge =
            observed.flatMap(view -> SplitText.edge(view, split, share));
        table.row(
            Cell.of(Style.NAME, "  " + share.name()),
            share.weight(),
            SplitText.percent(share.share() * 100),
            edge.map(e -> SplitText.percent(e.observedPercent())).orElse("-"),
            edge.map(e -> String.format(Locale.ROOT, "%d", e.requests())).orElse("-"));
      }
      output.table(table);
    }
  }
}
