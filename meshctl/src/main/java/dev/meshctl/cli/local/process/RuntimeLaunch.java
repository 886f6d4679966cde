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
 * @param cache AOT cache, where one was trained
 */
public record RuntimeLaunch(Path java, List<String> flags, String classPath, Optional<Path> cache) {
  public RuntimeLaunch {
    flags = List.copyOf(flags);
  }

  /**
   * From the system properties {@code meshctl.home} (the distribution) and {@code meshctl.root}
   * (the checkout). Without a distribution, as in tests, this process's own class path.
   *
   * @param name {@code runtime} or {@code cli}: {@code NAME.jvmflags} and {@code NAME.aot}
   */
  public static RuntimeLaunch ofThisProcess(String name) throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String root = System.getProperty("meshctl.root", "");
    List<String> flags = new ArrayList<>();
    if (!root.isEmpty()) {
      Path file = Path.of(root, "meshctl", "bin", name + ".jvmflags");
      for (String flag : Files.readString(file).strip().split("\\s+")) {
        flags.add(flag);
      }
    }
    String home = System.getProperty("meshctl.home", "");
    if (home.isEmpty()) {
      return new RuntimeLaunch(
          java, flags, System.getProperty("java.class.path"), Optional.empty());
    }
    Path cache = Path.of(home, "cache", name + ".aot");
    Path lib = Path.of(home, "lib");
    return new RuntimeLaunch(
        java, flags, lib + "/*", isFresh(cache, lib) ? Optional.of(cache) : Optional.empty());
  }

  /**
   * Whether a cache is newer than every jar. The JVM has been seen to take a cache whose jars had
   * been built anew, and then runs the old classes.
   */
  private static boolean isFresh(Path cache, Path lib) throws IOException {
    if (!Files.isRegularFile(cache)) {
      return false;
    }
    FileTime trained = Files.getLastModifiedTime(cache);
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(lib, "*.jar")) {
      for (Path jar : jars) {
        if (Files.getLastModifiedTime(jar).compareTo(trained) > 0) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * @param memory flags that size the heap; they do not touch the cache
   */
  public List<String> command(String main, List<String> memory, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.addAll(flags);
    cache.ifPresent(file -> command.add("-XX:AOTCache=" + file));
    command.addAll(memory);
    command.add("-cp");
    command.add(classPath);
    command.add(main);
    command.addAll(arguments);
    return command;
  }
}
