package dev.meshctl.integration.judges;

import dev.meshctl.model.testkit.Judges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a judge printed.
 *
 * @param output both streams, kept as {@code target/judges/NAME.txt} too
 */
record JudgeRun(int exit, String output) {
  private static final int MINUTES = 8;

  static JudgeRun of(String name, List<String> command) throws IOException, InterruptedException {
    Path kept = kept(name);
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(kept.toFile()).start();
    if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IllegalStateException(
          name + " took more than " + MINUTES + " minutes; see " + kept);
    }
    return new JudgeRun(process.exitValue(), Files.readString(kept));
  }

  /** Where the words of judge {@code name} are kept. */
  static Path kept(String name) throws IOException {
    Path folder = Judges.root().resolve("proxy-runtime/integration-tests/target/judges");
    Files.createDirectories(folder);
    return folder.resolve(name + ".txt");
  }
}
