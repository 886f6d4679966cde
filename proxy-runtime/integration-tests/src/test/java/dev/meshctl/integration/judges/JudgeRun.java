package dev.meshctl.integration.judges;

import dev.meshctl.model.testkit.Judges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

  /** For judges that mostly wait: {@code run} for each of {@code all}, at the same time. */
  static <T> void together(Collection<T> all, Work<T> run) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<T>> work = new ArrayList<>();
      for (T each : all) {
        work.add(() -> {
          run.on(each);
          return each;
        });
      }
      for (Future<T> done : threads.invokeAll(work)) {
        done.get();
      }
    }
  }

  /** What is done with each. */
  interface Work<T> {
    void on(T each) throws Exception;
  }

  /** Where the words of judge {@code name} are kept. */
  static Path kept(String name) throws IOException {
    Path folder = Judges.root().resolve("proxy-runtime/integration-tests/target/judges");
    Files.createDirectories(folder);
    return folder.resolve(name + ".txt");
  }
}
