package dev.meshctl.integration.soak;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a JVM holds, as the kernel and the JVM say; Linux.
 *
 * @param heapKib in use
 */
record ProcessFigures(long rssKib, long descriptors, long heapKib) {
  private static final Pattern RSS = Pattern.compile("VmRSS:\\s+([0-9]+) kB");
  private static final Pattern USED =
      Pattern.compile("(?:generation|new|Tenured).* used ([0-9]+)K");

  /** Collects garbage first. */
  static ProcessFigures settled(long pid) throws IOException, InterruptedException {
    jcmd(pid, "GC.run");
    return asItIs(pid);
  }

  /** With whatever garbage there is. */
  static ProcessFigures asItIs(long pid) throws IOException, InterruptedException {
    String heap = jcmd(pid, "GC.heap_info");
    long used = 0;
    Matcher each = USED.matcher(heap);
    while (each.find()) {
      used += Long.parseLong(each.group(1));
    }
    return new ProcessFigures(rss(pid), descriptors(pid), used);
  }

  static long rss(long pid) throws IOException {
    Matcher found = RSS.matcher(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
    if (!found.find()) {
      throw new IOException("process " + pid + " has ended");
    }
    return Long.parseLong(found.group(1));
  }

  static long descriptors(long pid) throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
      return all.count();
    }
  }

  private static String jcmd(long pid, String command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                command)
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }
}
