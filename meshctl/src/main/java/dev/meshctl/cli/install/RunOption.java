package dev.meshctl.cli.install;

import java.time.Duration;
import picocli.CommandLine.Option;

/**
 * How what is to be installed is carried out: {@code --dry-run}, {@code --force-conflicts}, {@code
 * --timeout}.
 */
final class RunOption {
  @Option(names = "--dry-run", description = "Say what would be done, and do nothing.")
  private boolean dryRun;

  @Option(
      names = "--force-conflicts",
      description = "Take fields over that somebody else set, as kubectl does.")
  private boolean force;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description =
          "How long to wait until the control plane serves, and for each workload that is made"
              + " anew (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds = 300;

  boolean dryRun() {
    return dryRun;
  }

  /** Take fields over that somebody else set. */
  boolean force() {
    return force;
  }

  Duration limit() {
    return Duration.ofSeconds(timeoutSeconds);
  }
}
