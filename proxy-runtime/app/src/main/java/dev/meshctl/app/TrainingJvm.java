package dev.meshctl.app;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Starts our mains as processes of their own, with the flags and class path of this JVM. */
final class TrainingJvm {
  /** A JVM that is done writes its cache before it ends. */
  private static final Duration END_PATIENCE = Duration.ofSeconds(60);

  private final Optional<Path> cacheFolder;
  private final Set<Trainee> wanted;

  private TrainingJvm(Optional<Path> cacheFolder, Set<Trainee> wanted) {
    this.cacheFolder = cacheFolder;
    this.wanted = Set.copyOf(wanted);
  }

  /** Each of {@code wanted} leaves {@code NAME.aot} in {@code cacheFolder} when it ends. */
  TrainingJvm(Path cacheFolder, Set<Trainee> wanted) {
    this(Optional.of(cacheFolder), wanted);
  }

  /** Processes that leave nothing. */
  static TrainingJvm withoutCaches() {
    return new TrainingJvm(Optional.empty(), EnumSet.allOf(Trainee.class));
  }

  /** What can be trained, by the name of its cache. */
  enum Trainee {
    CONTROL_PLANE("control-plane", ControlPlaneMain.class),
    PROXY("proxy", ProxyMain.class),
    STANDALONE("standalone", StandaloneMain.class);

    private final String cacheName;
    private final Class<?> main;

    Trainee(String cacheName, Class<?> main) {
      this.cacheName = cacheName;
      this.main = main;
    }

    static Trainee named(String cacheName) {
      return Arrays.stream(values())
          .filter(each -> each.cacheName.equals(cacheName))
          .findFirst()
          .orElseThrow(() ->
              new IllegalArgumentException(
                  cacheName + " (expected: control-plane, proxy or standalone)"));
    }
  }

  boolean wants(Trainee trainee) {
    return wanted.contains(trainee);
  }

  /** Starts it with {@code --config FILE --lifeline}; closing it ends the process in order. */
  AutoCloseable start(Trainee trainee, Path config, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    cacheFolder
        .filter(folder -> wants(trainee))
        .ifPresent(folder ->
            command.add("-XX:AOTCacheOutput=" + folder.resolve(trainee.cacheName + ".aot")));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            trainee.main.getName(),
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
