package dev.meshctl.image;

import dev.meshctl.bundle.Host;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A Java runtime with the modules that ours needs, linked of a JDK and kept in a folder, so that
 * images, and the bundles for them, are made with the same one: the JVM takes a start-up cache only
 * with the very modules it was trained with.
 *
 * @param home of it
 * @param host what a bundle for it requires
 */
public record LinkedJdk(Path home, Host host) {
  /**
   * What the runtime's classes refer to, but for {@code java.desktop} and {@code java.sql}, which
   * libraries use where they are there; with {@code jdk.jcmd} and {@code jdk.jfr} for who must look
   * into a process.
   */
  static final List<String> MODULES =
      List.of(
          "java.base",
          "java.logging",
          "java.management",
          "java.naming",
          "java.net.http",
          "java.xml",
          "jdk.httpserver",
          "jdk.jcmd",
          "jdk.jfr",
          "jdk.management",
          "jdk.unsupported");

  /**
   * The one that is kept, or a new one.
   *
   * @param jdk a whole JDK of the build that runs this
   * @param kept folder for linked ones
   */
  public static LinkedJdk of(Path jdk, Path kept) throws IOException, InterruptedException {
    Path jlink = jdk.resolve("bin").resolve("jlink");
    if (!Files.isExecutable(jlink)) {
      throw new IOException("no bin/jlink in " + jdk + ": a whole JDK is needed to make an image");
    }
    Files.createDirectories(kept);
    Path home = kept.resolve("jdk-" + key(jdk));
    // One links at a time: two at once would find each other's folder half made.
    try (FileChannel lock =
            FileChannel.open(
                kept.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = lock.lock()) {
      if (held.isValid() && !Files.isDirectory(home)) {
        link(jlink, home);
      }
    }
    return new LinkedJdk(home, Host.linked(home));
  }

  /** Its programs and libraries. */
  List<Path> binaries() throws IOException {
    return Trees.files(home).stream()
        .filter(file -> Files.isExecutable(file) || file.toString().endsWith(".so"))
        .toList();
  }

  /** Where its own libraries are. */
  List<Path> libraries() {
    return List.of(home.resolve("lib"), home.resolve("lib/server"));
  }

  private static void link(Path jlink, Path home) throws IOException, InterruptedException {
    Path fresh = home.resolveSibling(home.getFileName() + ".part");
    Path log = home.resolveSibling(home.getFileName() + ".log");
    Trees.delete(fresh);
    int exit =
        new ProcessBuilder(
                jlink.toString(),
                "--add-modules",
                String.join(",", MODULES),
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--output",
                fresh.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    if (exit != 0) {
      throw new IOException("jlink failed: " + Files.readString(log).strip());
    }
    Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
    Files.delete(log);
  }

  private static String key(Path jdk) throws IOException {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(Files.readAllBytes(jdk.resolve("release")));
      sha.update(String.join(",", MODULES).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sha.digest(), 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
