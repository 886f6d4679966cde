package dev.meshctl.app;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Runs a whole small mesh for a few seconds, so that the JVMs of control plane and proxy see the
 * classes that they load and write each its AOT cache: {@code dev.meshctl.app.TrainingMain FOLDER}
 * leaves {@code control-plane.aot}, {@code proxy.aot} and {@code standalone.aot} there. The flags
 * of this JVM are those that the caches are for. Ends by itself, in a few seconds; on a machine
 * that is busy with a build, after {@link #PATIENCE} at the latest.
 */
public final class TrainingMain {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final int REQUESTS = 16_000;

  private TrainingMain() {}

  public static void main(String[] words) throws Exception {
    if (words.length != 1) {
      throw new IllegalArgumentException("expected: the folder for the caches");
    }
    int answered;
    try (TrainingMesh mesh = TrainingMesh.start(new TrainingJvm(Path.of(words[0])))) {
      answered = mesh.exercise(REQUESTS, System.nanoTime() + PATIENCE.toNanos());
    }
    System.out.println("training: " + answered + " of " + REQUESTS + " requests were answered");
    if (answered == 0) {
      throw new IOException("no request was answered, so the cache would lack the request path");
    }
    // Whatever daemon is slow to end must not hold the build up.
    System.exit(0);
  }
}
