package dev.meshctl.app;

import dev.meshctl.app.TrainingJvm.Trainee;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Runs a whole small mesh for a few seconds, so that the JVMs of control plane and proxy see the
 * classes that they load and write each its AOT cache: {@code dev.meshctl.app.TrainingMain FOLDER
 * [SECONDS [NAME...]]} leaves {@code NAME.aot} there, of {@code control-plane}, {@code proxy} and
 * {@code standalone} all that are not told otherwise. The flags of this JVM are those that the
 * caches are for. Ends by itself, in a few seconds; on a machine that is busy, after SECONDS at the
 * latest, or after {@link #PATIENCE}.
 */
public final class TrainingMain {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final int REQUESTS = 16_000;

  private TrainingMain() {}

  public static void main(String[] words) throws Exception {
    if (words.length < 1) {
      throw new IllegalArgumentException("expected: the folder for the caches, seconds, names");
    }
    Duration patience =
        words.length > 1 ? Duration.ofSeconds(Integer.parseInt(words[1])) : PATIENCE;
    Set<Trainee> wanted =
        words.length > 2
            ? Arrays.stream(words).skip(2).map(Trainee::named).collect(Collectors.toSet())
            : EnumSet.allOf(Trainee.class);
    int answered;
    try (TrainingMesh mesh = TrainingMesh.start(new TrainingJvm(Path.of(words[0]), wanted))) {
      answered = mesh.exercise(REQUESTS, System.nanoTime() + patience.toNanos());
    }
    System.out.println("training: " + answered + " of " + REQUESTS + " requests were answered");
    if (answered == 0) {
      throw new IOException("no request was answered, so the cache would lack the request path");
    }
    // Whatever daemon is slow to end must not hold the build up.
    System.exit(0);
  }
}
