package dev.meshctl.bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What a bundle runs on.
 *
 * @param javaFeature release of the JDK, 25
 * @param javaBuild the very JVM: its version, and the size of its module image, which differs where
 *     another set of modules was linked
 * @param os {@code linux}
 * @param arch {@code amd64} or {@code arm64}, as images name it
 */
public record Host(int javaFeature, String javaBuild, String os, String arch) {

  /** This process's. */
  public static Host here() throws IOException {
    return of(
        Runtime.version().feature(),
        System.getProperty("java.vm.version", ""),
        Path.of(System.getProperty("java.home")));
  }

  /** The same system with another JDK of the same build, at {@code home}. */
  static Host of(int feature, String vmVersion, Path home) throws IOException {
    Path modules = home.resolve("lib").resolve("modules");
    return new Host(
        feature,
        vmVersion + (Files.exists(modules) ? "/" + Files.size(modules) : ""),
        System.getProperty("os.name", "").toLowerCase(Locale.ROOT),
        arch(System.getProperty("os.arch", "")));
  }

  /** The same with the JDK at {@code home}, which was linked of the one that runs. */
  public static Host linked(Path home) throws IOException {
    return of(Runtime.version().feature(), System.getProperty("java.vm.version", ""), home);
  }

  private static String arch(String name) {
    return switch (name) {
      case "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> name;
    };
  }
}
