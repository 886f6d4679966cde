package dev.meshctl.app;

import java.io.IOException;
import java.time.Duration;

/**
 * Runs a whole small mesh for a few seconds, so that the JVM sees the classes that the runtime
 * loads and writes them to an AOT cache: {@code java -XX:AOTCacheOutput=…
 * dev.meshctl.app.TrainingMain}. Ends by itself, in a few seconds; on a machine that is busy with a
 * build, after {@link #PATIENCE} at the latest.
 */
public final class TrainingMain {
  private static final Duration PATIENCE = Duration.ofSeconds(25);
  private static final int REQUESTS = 400;

  private TrainingMain() {}

  public static void main(String[] words) throws Exception {
    System.setProperty("sun.net.httpserver.nodelay", "true");
    int answered;
    try (TrainingMesh mesh = TrainingMesh.start()) {
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
