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
import java.time.InstantSource;
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
  @Option(
      names = {"-w", "--watch"},
      description =
          "Stay until all patches are over: on a terminal a picture that is drawn anew, elsewhere"
              + " a line for each change.")
  private boolean watch;

  @Mixin private MeshOption mesh = new MeshOption();

  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws InterruptedException {
    Output output = session.output();
    InstantSource clock = InstantSource.system();
    RuntimeView view;
    try (MeshClient client = mesh.client(session)) {
      view =
          watch
              ? new PatchWatch(output, format.format(), client::runtimes, clock).follow()
              : client.runtimes();
    }
    if (!watch && format.format() == Format.text) {
      PatchText.lines(view, clock.millis(), output.screen(), Integer.MAX_VALUE)
          .forEach(output::line);
    } else if (!watch) {
      output.value(view, format.format());
    }
    return view.patches().isEmpty() ? ExitCode.OK : outcome(view.patches().getLast());
  }

  /** How a patch that was watched, or is looked at, stands for scripts. */
  static ExitCode outcome(PatchState patch) {
    return patch.phase() == PatchState.Phase.RETURNED ? ExitCode.FAILED : ExitCode.OK;
  }
}
