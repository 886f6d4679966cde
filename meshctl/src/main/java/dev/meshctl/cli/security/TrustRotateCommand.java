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

/** {@code meshctl trust rotate}. */
@Command(
    name = "rotate",
    description = {
      "Put a new root in place of the mesh's, without a lost request: it is trusted by every proxy"
          + " before it signs, and the old one is trusted until nobody holds a certificate of it."
          + " The control plane starts anew at each step; proxies go on without it meanwhile.",
      "Cut short anywhere, the same command goes on; meshctl trust undo goes back. On a cluster"
          + " the root in the Secret meshctl-ca is meant; one that is plugged in (Secret cacerts)"
          + " is its owner's to replace."
    },
    footer = {"", "  meshctl trust rotate --dry-run", "  meshctl trust rotate"})
final class TrustRotateCommand implements Action {
  @Option(names = "--dry-run", description = "Say what would be done, and do nothing.")
  private boolean dryRun;

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
      if (dryRun) {
        rotation.plan();
      } else {
        rotation.rotate(timeout);
      }
    }
    return ExitCode.OK;
  }
}
