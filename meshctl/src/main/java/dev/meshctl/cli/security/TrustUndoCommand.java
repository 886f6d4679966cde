package dev.meshctl.cli.security;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.MeshOption;
import java.io.IOException;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl trust undo}. */
@Command(
    name = "undo",
    description = {
      "Go back to the root before, while two are trusted. What the new one has signed is renewed"
          + " by the old one first, so no request is lost."
    })
final class TrustUndoCommand implements Action {
  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "10m",
      description = "Stop waiting after this (default: ${DEFAULT-VALUE}).")
  private Duration timeout = Duration.ofMinutes(10);

  @Mixin private MeshOption mesh = new MeshOption();

  @Override
  public ExitCode run(Session session) throws IOException, InterruptedException {
    try (RotationRun rotation = RotationRun.of(mesh, session)) {
      rotation.undo(timeout);
    }
    return ExitCode.OK;
  }
}
