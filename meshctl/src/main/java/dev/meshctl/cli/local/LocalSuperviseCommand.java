package dev.meshctl.cli.local;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meshctl local supervise}: the process that {@code local up} leaves behind. */
@Command(
    name = "supervise",
    hidden = true,
    description = "Run a mesh in the foreground until interrupted.")
final class LocalSuperviseCommand implements Action {
  @Mixin private MeshArguments arguments = new MeshArguments();

  @Override
  public ExitCode run(Session session) throws InterruptedException {
    try (MeshUntilExit mesh =
        MeshUntilExit.start(arguments.options(), session.meshes(), session.output()::line)) {
      mesh.mesh().awaitEnd();
    }
    return ExitCode.OK;
  }
}
