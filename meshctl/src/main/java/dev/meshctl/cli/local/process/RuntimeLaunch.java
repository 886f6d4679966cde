package dev.meshctl.cli.local.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a JVM of ours is started. A cache that was trained with other flags or another class path is
 * ignored by the JVM without a word, so both stand here once, and the build reads the same flags
 * file.
 *
 * @param flags of the flags file, the same as in training
 * @param classPath the same as in training
 * @param caches the folder with the AOT caches, {@code PROGRAM.aot} each, where they were trained
 */
public record RuntimeLaunch(
    Path java, List<String> flags, String classPath, Optional<Path> caches) {
  /** What can be started; each has a cache of its own, with the classes that it loads. */
  public enum Program {
    CLI("cli", "dev.meshctl.cli.Meshctl"),
    CONTROL_PLANE("control-plane", "dev.meshctl.app.ControlPlaneMain"),
    PROXY("proxy", "dev.meshctl.app.ProxyMain"),
    STANDALONE("standalone", "dev.meshctl.app.StandaloneMain");

    private final String cache;
    private final String main;

    Program(String cache, String main) {
      this.cache = cache;
      this.main = main;
    }
  }

  public RuntimeLaunch {
    flags = List.copyOf(flags);
  }

  /**
   * From the system properties {@code meshctl.home} (the distribution) and {@code meshctl.root}
   * (the checkout). Without a distribution, as in tests, this process's own class path.
   *
   * @param flagsFile {@code runtime} or {@code cli}, for {@code meshctl/bin/NAME.jvmflags}
   */
  public static RuntimeLaunch ofThisProcess(String flagsFile) throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String root = System.getProperty("meshctl.root", "");
    List<String> flags = new ArrayList<>();
    if (!root.isEmpty()) {
      Path file = Path.of(root, "meshctl", "bin", flagsFile + ".jvmflags");
      for (String flag : Files.readString(file).strip().split("\\s+")) {
        flags.add(flag);
      }
    }
    String home = System.getProperty("meshctl.home", "");
    if (home.isEmpty()) {
      return new RuntimeLaunch(
          java, flags, System.getProperty("java.class.path"), Optional.empty());
    }
    flags.add("-Djava.library.path=" + Path.of(home, "native"));
    Path caches = Path.of(home, "cache");
    Path lib = Path.of(home, "lib");
    return new RuntimeLaunch(
        java, flags, lib + "/*", areFresh(caches, lib) ? Optional.of(caches) : Optional.empty());
  }

  /**
   * Whether all caches are newer than every jar. The JVM has been seen to take a cache whose jars
   * had been built anew, and then runs the old classes.
   */
  private static boolean areFresh(Path caches, Path lib) throws IOException {
    if (!Files.isDirectory(caches)) {
      return false;
    }
    FileTime newestJar = FileTime.fromMillis(0);
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(lib, "*.jar")) {
      for (Path jar : jars) {
        newestJar = later(newestJar, Files.getLastModifiedTime(jar));
      }
    }
    try (DirectoryStream<Path> each = Files.newDirectoryStream(caches, "*.aot")) {
      for (Path cache : each) {
        if (newestJar.compareTo(Files.getLastModifiedTime(cache)) > 0) {
          return false;
        }
      }
    }
    return true;
  }

  private static FileTime later(FileTime one, FileTime other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  /** The installation: by this folder an order names it. */
  public Path folder() {
    String home = System.getProperty("meshctl.home", "");
    return Path.of(home.isEmpty() ? System.getProperty("java.io.tmpdir") : home).toAbsolutePath();
  }

  /**
   * Of an unpacked runtime, which says itself how its programs are started.
   *
   * @param runtime its folder
   */
  public List<String> command(Path runtime, Program program, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.add("@" + runtime.resolve(program.cache + ".args"));
    command.addAll(arguments);
    return command;
  }

  /**
   * @param memory flags that size the heap; they do not touch the cache
   */
  public List<String> command(Program program, List<String> memory, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.addAll(flags);
    caches
        .map(folder -> folder.resolve(program.cache + ".aot"))
        .filter(Files::isRegularFile)
        .ifPresent(file -> command.add("-XX:AOTCache=" + file));
    command.addAll(memory);
    command.add("-cp");
    command.add(classPath);
    command.add(program.main);
    command.addAll(arguments);
    return command;
  }
}
