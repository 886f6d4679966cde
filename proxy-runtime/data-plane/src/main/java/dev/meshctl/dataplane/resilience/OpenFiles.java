package dev.meshctl.dataplane.resilience;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How many files the process may have open, where {@code /proc} tells. */
public final class OpenFiles {
  /** For listeners, logs, the runtime's own files. */
  private static final int OWN = 256;

  private OpenFiles() {}

  /**
   * Connections of clients that the process can hold, each with one to an upstream; {@link
   * Long#MAX_VALUE} where nobody knows.
   */
  public static long connections() {
    try {
      return connections(Files.readAllLines(Path.of("/proc/self/limits")));
    } catch (IOException | RuntimeException unknown) {
      return Long.MAX_VALUE;
    }
  }

  /** From the lines of {@code /proc/self/limits}. */
  static long connections(List<String> limits) {
    for (String line : limits) {
      if (line.startsWith("Max open files")) {
        String soft = line.substring("Max open files".length()).strip().split("\\s+")[0];
        return soft.equals("unlimited")
            ? Long.MAX_VALUE
            : Math.max(16, (Long.parseLong(soft) - OWN) / 2);
      }
    }
    return Long.MAX_VALUE;
  }
}
