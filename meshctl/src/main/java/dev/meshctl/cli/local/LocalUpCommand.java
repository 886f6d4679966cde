package dev.meshctl.cli.local;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meshctl local up}. */
@Command(
    name = "up",
    description = "Start a mesh that stays until `local down`, and wait until it serves.")
final class LocalUpCommand implements Action {
  @Mixin private MeshArguments arguments = new MeshArguments();

  @Override
  public ExitCode run(Session session) throws IOException, InterruptedException {
    LocalMeshOptions options = arguments.options();
    if (options.transparent()) {
      RedirectedNetwork.check();
    }
    TimedProgress progress = new TimedProgress(session.output());
    progress.line("starting mesh " + options.name() + " from " + options.configFolder());
    LocalStatus status = Detached.start(options, session.meshes(), progress);
    progress.line("mesh " + options.name() + " serves");
    status.gatewayUrls().forEach(url -> session.output().line("gateway  " + url));
    session.output().line("status   meshctl local status --name " + options.name());
    session.output().line("end      meshctl local down --name " + options.name());
    return ExitCode.OK;
  }
}
