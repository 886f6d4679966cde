package dev.meshctl.cli.runtime;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.command.MeshOption;
import dev.meshctl.cli.render.Format;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.query.MeshClient;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meshctl runtime rollback}. */
@Command(
    name = "rollback",
    description = {
      "Take a patch back: each of its proxies goes back to the runtime that it ran before.",
      "With --pause or --resume, stop before the next wave, or go on."
    })
public final class RuntimeRollbackCommand implements Action {
  @Parameters(arity = "0..1", paramLabel = "PATCH", description = "Its id; else the newest.")
  private Optional<String> patch = Optional.empty();

  @Option(names = "--pause", description = "Begin with no further proxy.")
  private boolean pause;

  @Option(names = "--resume", description = "Go on.")
  private boolean resume;

  @Mixin private MeshOption mesh = new MeshOption();

  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) {
    if (pause && resume) {
      throw CommandFailure.refused("--pause and --resume at once", List.of(), "choose one");
    }
    if (mesh.onCluster()) {
      return onCluster(session);
    }
    String what = pause ? "pause" : resume ? "resume" : "rollback";
    PatchState state;
    try (MeshClient client = mesh.client(session)) {
      String id = patch.orElseGet(() -> newest(client));
      state = client.askPatch(id, what);
    }
    if (format.format() == Format.text) {
      PatchText.line(state, session.output());
    } else {
      session.output().value(state, format.format());
    }
    return ExitCode.OK;
  }

  private ExitCode onCluster(Session session) {
    ClusterRuntimeView.Order order;
    try (ClusterRuntimes cluster = new ClusterRuntimes(mesh.cluster())) {
      order =
          ClusterRuntimeView.Order.of(
              pause || resume
                  ? cluster.set(patch, "paused", pause)
                  : cluster.set(patch, "rollback", true));
    }
    if (format.format() == Format.text) {
      String done = pause ? "is paused" : resume ? "goes on" : "is taken back";
      session.output().line(order.id() + " to " + order.to() + " " + done);
      session.output().note("see `meshctl runtime status --watch`");
    } else {
      session.output().value(order, format.format());
    }
    return ExitCode.OK;
  }

  private static String newest(MeshClient client) {
    List<PatchState> all = client.runtimes().patches();
    if (all.isEmpty()) {
      throw CommandFailure.refused("no patch was begun", List.of(), "see `meshctl runtime status`");
    }
    return all.getLast().plan().id();
  }
}
