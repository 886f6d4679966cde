package dev.meshctl.bundle;

import dev.meshctl.bundle.Manifest.Program;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How a program of an unpacked bundle is started. Jars are named one by one: what {@code lib/*}
 * stands for depends on the order in which a folder lists them, and the JVM ignores a cache of
 * another class path without a word.
 */
public final class Launch {
  private Launch() {}

  /** What follows {@code java}: flags, class path and main class. */
  public static List<String> arguments(Program program, Path folder) {
    List<String> arguments = new ArrayList<>(program.flags());
    arguments.add("-Djava.library.path=" + folder.resolve("native"));
    if (!program.cache().isEmpty()) {
      arguments.add("-XX:AOTCache=" + folder.resolve(program.cache()));
      // One that does not fit is a matter of speed, and no reason to speak on standard output.
      arguments.add("-Xlog:aot=off");
      arguments.add("-Xlog:cds=off");
    }
    arguments.add("-cp");
    arguments.add(
        program.classPath().stream()
            .map(jar -> folder.resolve(jar).toString())
            .collect(Collectors.joining(":")));
    arguments.add(program.mainClass());
    return arguments;
  }

  /**
   * The same as a file for {@code java @FILE}, which stands in an unpacked bundle as {@code
   * PROGRAM.args}: whoever starts it need not read the manifest.
   */
  static String argumentFile(Program program, Path folder) {
    return arguments(program, folder).stream()
        .map(argument -> "\"" + argument.replace("\\", "\\\\").replace("\"", "\\\"") + "\"\n")
        .collect(Collectors.joining());
  }
}
