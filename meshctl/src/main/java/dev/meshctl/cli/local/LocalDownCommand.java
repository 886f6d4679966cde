package dev.meshctl.cli.local;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.context.RunningMeshes;
import dev.meshctl.model.query.RunningMesh;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code meshctl local down}. */
@Command(name = "down", description = "End a mesh on this machine and wait until it is gone.")
final class LocalDownCommand implements Action {
  private static final Duration POLITE = Duration.ofSeconds(25);
  private static final Duration FORCED = Duration.ofSeconds(10);

  @Option(
      names = {"--name", "--mesh"},
      paramLabel = "NAME",
      description = "Which mesh; the only one unless told.")
  private @Nullable String name;

  @Override
  public ExitCode run(Session session) throws IOException, InterruptedException {
    RunningMesh mesh = session.mesh(Optional.ofNullable(name));
    end(session.meshes(), mesh);
    session.output().line("mesh " + mesh.name() + " is gone");
    return ExitCode.OK;
  }

  private static void end(RunningMeshes meshes, RunningMesh mesh)
      throws IOException, InterruptedException {
    ProcessHandle supervisor =
        ProcessHandle.of(mesh.supervisorPid())
            .filter(handle -> isSupervisor(meshes, mesh, handle))
            .orElseThrow(() ->
                CommandFailure.failed(
                    "process " + mesh.supervisorPid() + " is not the supervisor of " + mesh.name(),
                    "it has ended; `meshctl local up` removes what it left"));
    supervisor.destroy();
    if (!gone(meshes, mesh.name(), POLITE)) {
      supervisor.destroyForcibly();
      if (!gone(meshes, mesh.name(), FORCED)) {
        throw CommandFailure.failed(
            "the supervisor of " + mesh.name() + " (pid " + mesh.supervisorPid() + ") does not end",
            "look at " + RunFolder.supervisorLog(meshes.folder(mesh.name())));
      }
    }
  }

  /** The same process as wrote the status, not a later one of the same number. */
  private static boolean isSupervisor(
      RunningMeshes meshes, RunningMesh mesh, ProcessHandle handle) {
    try {
      LocalStatus status = LocalStatus.read(meshes.folder(mesh.name()));
      long started = handle.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
      return status.supervisorPid() == handle.pid()
          && status.supervisorStartedAtEpochMillis() == started;
    } catch (IOException unreadable) {
      return false;
    }
  }

  /** Both the process and its folder: the folder goes last. */
  private static boolean gone(RunningMeshes meshes, String name, Duration patience)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (RunFolder.isTaken(meshes, name) || java.nio.file.Files.exists(meshes.folder(name))) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.sleep(30);
    }
    return true;
  }
}
