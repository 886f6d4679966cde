package dev.meshctl.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** What this machine lets us do; a test that cannot run here says so loudly. */
final class Privileges {
  private Privileges() {}

  /** Skips, saying why, unless network namespaces and redirection can be had. */
  static void assumeTransparentCapture() {
    String missing = missingForTransparentCapture();
    if (!missing.isEmpty()) {
      System.err.println("SKIPPED: transparent capture is not tested here: " + missing);
    }
    Assumptions.assumeTrue(missing.isEmpty(), () -> "transparent capture needs " + missing);
  }

  private static String missingForTransparentCapture() {
    try {
      if (!"0".equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString())) {
        return "root";
      }
      for (String tool : List.of("ip", "iptables-restore", "nsenter", "unshare", "setpriv")) {
        if (!onPath(tool)) {
          return "the program " + tool;
        }
      }
      return "";
    } catch (IOException | UnsupportedOperationException e) {
      return "Linux (" + e.getMessage() + ")";
    }
  }

  private static boolean onPath(String tool) {
    for (String folder : System.getenv("PATH").split(":")) {
      if (Files.isExecutable(Path.of(folder, tool))) {
        return true;
      }
    }
    return false;
  }
}
