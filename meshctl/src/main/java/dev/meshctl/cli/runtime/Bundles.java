package dev.meshctl.cli.runtime;

import dev.meshctl.bundle.Host;
import dev.meshctl.bundle.build.Staging;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.local.TimedProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The steps that a bundle and an image are built in, with progress. */
final class Bundles {
  private static final int LOG_LINES_SHOWN = 20;

  private Bundles() {}

  static Staging stage(Session session, Path folder, Host host, TimedProgress progress)
      throws IOException {
    return Staging.of(
        Distributions.of(session), folder.resolve("runtime"), host.arch(), progress::line);
  }

  static void train(Staging staging, Path jdk, Path log, TimedProgress progress)
      throws IOException, InterruptedException {
    progress.line("training the start-up cache");
    if (!staging.train(jdk, log)) {
      throw CommandFailure.failed(
          "training left no start-up cache",
          Files.readAllLines(log).stream().limit(LOG_LINES_SHOWN).toList(),
          "mend what it says above, or build --no-training");
    }
  }
}
