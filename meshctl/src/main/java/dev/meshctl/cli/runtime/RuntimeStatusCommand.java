package dev.meshctl.cli.runtime;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.command.MeshOption;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.RuntimeView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl runtime status}. */
@Command(
    name = "status",
    description = {
      "Show what each proxy runs, and how far patches are.",
      "Exit code 1 where the newest patch went back."
    })
public final class RuntimeStatusCommand implements Action {
  private static final long INTERVAL_MILLIS = 1000;

  @Option(
      names = {"-w", "--watch"},
      description = "Show each change, until all patches are over.")
  private boolean watch;

  @Mixin private MeshOption mesh = new MeshOption();

  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws InterruptedException {
    try (MeshClient client = mesh.client(session)) {
      RuntimeView view = client.runtimes();
      show(view, session.output());
      while (watch && view.patches().stream().anyMatch(patch -> !patch.phase().over())) {
        Thread.sleep(INTERVAL_MILLIS);
        RuntimeView next = client.runtimes();
        if (!next.equals(view)) {
          show(next, session.output());
        }
        view = next;
      }
      return view.patches().isEmpty()
              || view.patches().getLast().phase() != PatchState.Phase.RETURNED
          ? ExitCode.OK
          : ExitCode.FAILED;
    }
  }

  private void show(RuntimeView view, Output output) {
    if (format.format() != Format.text) {
      if (watch) {
        output.jsonLine(view);
      } else {
        output.value(view, format.format());
      }
      return;
    }
    if (view.patches().isEmpty()) {
      output.note("no patch was begun");
    }
    for (PatchState patch : view.patches()) {
      PatchText.line(patch, output);
      if (!patch.phase().over()) {
        PatchText.waves(patch, output);
      }
    }
    if (view.proxies().isEmpty()) {
      output.note("no proxy said what it runs");
    } else {
      PatchText.proxies(view, output);
    }
  }
}
