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
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl runtime status}. */
@Command(
    name = "status",
    description = {
      "Show what each proxy runs, and how far patches are.",
      "Exit code 1 where the newest patch went back or was refused."
    })
public final class RuntimeStatusCommand implements Action {
  private static final long INTERVAL_MILLIS = 500;

  @Option(
      names = {"-w", "--watch"},
      description =
          "Stay until all patches are over: on a terminal a picture that is drawn anew, elsewhere"
              + " a line for each change.")
  private boolean watch;

  @Mixin private MeshOption mesh = new MeshOption();

  @Mixin private FormatOption format = new FormatOption();

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NS",
      description = "On a cluster: patches of this namespace only.")
  private Optional<String> namespace = Optional.empty();

  @Override
  public ExitCode run(Session session) throws InterruptedException {
    Output output = session.output();
    if (mesh.onCluster()) {
      return ofCluster(output);
    }
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

  private ExitCode ofCluster(Output output) throws InterruptedException {
    try (ClusterRuntimes cluster = new ClusterRuntimes(mesh.cluster())) {
      ClusterRuntimeView view =
          watch
              ? watch(cluster, namespace, output, format.format())
              : ClusterRuntimeView.of(cluster.look(namespace));
      if (!watch && format.format() == Format.text) {
        show(view, output);
      } else if (!watch) {
        output.value(view, format.format());
      }
      return view.newest().map(order -> view.outcome(order.id())).orElse(ExitCode.OK);
    }
  }

  private static void show(ClusterRuntimeView view, Output output) {
    view.standing().forEach(order -> PatchText.standstill(order, output));
    PatchText.lines(
            view.common(), InstantSource.system().millis(), output.screen(), Integer.MAX_VALUE)
        .forEach(output::line);
  }

  /**
   * Until all are over; one that waits to begin is not. What is over before one looks is shown as
   * it is.
   */
  static ClusterRuntimeView watch(
      ClusterRuntimes cluster, Optional<String> namespace, Output output, Format format)
      throws InterruptedException {
    ClusterRuntimeView view = ClusterRuntimeView.of(cluster.look(namespace));
    List<ClusterRuntimeView.Order> told = List.of();
    boolean followed = false;
    while (view.isBusy()) {
      if (!view.standing().equals(told) && format == Format.text) {
        told = view.standing();
        told.forEach(order -> PatchText.standstill(order, output));
      }
      if (view.isUnderWay()) {
        new PatchWatch(
                output,
                format,
                () -> ClusterRuntimeView.of(cluster.look(namespace)).common(),
                InstantSource.system())
            .follow();
        followed = true;
      } else {
        Thread.sleep(INTERVAL_MILLIS);
      }
      view = ClusterRuntimeView.of(cluster.look(namespace));
    }
    if (!followed && format == Format.text) {
      show(view, output);
    } else if (!followed) {
      output.jsonLine(view.common());
    }
    return view;
  }

  /** How a patch that was watched, or is looked at, stands for scripts. */
  static ExitCode outcome(PatchState patch) {
    return patch.phase() == PatchState.Phase.RETURNED ? ExitCode.FAILED : ExitCode.OK;
  }
}
