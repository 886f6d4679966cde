package dev.meshctl.bundle;

import dev.meshctl.bundle.Manifest.Program;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How a program of an unpacked bundle is started. Jars are named one by one, in the order of the
 * training: what {@code lib/*} stands for depends on how a folder lists them, and a JVM that looks
 * at the class path ignores a cache of another one without a word.
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
