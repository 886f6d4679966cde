package dev.meshctl.cli.runtime;

import dev.meshctl.cli.Session;
import dev.meshctl.image.LinkedJdk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Where linked Java runtimes are kept. */
final class LinkedJdks {
  private LinkedJdks() {}

  /** The one for images, linked of the JDK in use; kept below {@code $XDG_CACHE_HOME/meshctl}. */
  static LinkedJdk of(Session session) throws IOException, InterruptedException {
    Map<String, String> environment = session.environment();
    String configured = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path cache =
        configured.isBlank()
            ? Path.of(environment.getOrDefault("HOME", "."), ".cache")
            : Path.of(configured);
    return LinkedJdk.of(
        Path.of(System.getProperty("java.home")), cache.resolve("meshctl").resolve("jdk"));
  }
}
