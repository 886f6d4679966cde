package dev.meshctl.app;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Starts our mains as processes of their own, with the flags and class path of this JVM. */
final class TrainingJvm {
  /** A JVM that is done writes its cache before it ends. */
  private static final Duration END_PATIENCE = Duration.ofSeconds(60);

  private final Optional<Path> cacheFolder;

  private TrainingJvm(Optional<Path> cacheFolder) {
    this.cacheFolder = cacheFolder;
  }

  /** Each process leaves {@code NAME.aot} in {@code cacheFolder} when it ends. */
  TrainingJvm(Path cacheFolder) {
    this(Optional.of(cacheFolder));
  }

  /** Processes that leave nothing. */
  static TrainingJvm withoutCaches() {
    return new TrainingJvm(Optional.empty());
  }

  /** Starts {@code main --config FILE --lifeline}; closing it ends the process in order. */
  AutoCloseable start(String name, Class<?> main, Path config, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    cacheFolder.ifPresent(
        folder -> command.add("-XX:AOTCacheOutput=" + folder.resolve(name + ".aot")));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            main.getName(),
            "--config",
            config.toString(),
            "--lifeline"));
    java.lang.Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return () -> {
      process.getOutputStream().close();
      if (!process.waitFor(END_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    };
  }
}
