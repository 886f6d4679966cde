package dev.meshctl.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which libraries of the system programs and libraries need, the loader included. */
final class SharedLibraries {
  private static final Pattern FOUND = Pattern.compile("(?m)^\\s*(?:\\S+ => )?(/\\S+) \\(0x");
  private static final Pattern MISSING = Pattern.compile("(?m)^\\s*(\\S+) => not found");

  private SharedLibraries() {}

  /**
   * As {@code ldd} finds them: an image has them at the same places, where the loader looks without
   * being told.
   *
   * @param own folders whose libraries are not the system's
   * @throws IOException where one is not on this machine
   */
  static List<Path> of(Collection<Path> binaries, List<Path> own)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ldd"));
    binaries.forEach(binary -> command.add(binary.toString()));
    ProcessBuilder ldd = new ProcessBuilder(command).redirectErrorStream(true);
    ldd.environment()
        .put("LD_LIBRARY_PATH", String.join(":", own.stream().map(Path::toString).toList()));
    ldd.environment().put("LC_ALL", "C");
    Process process = ldd.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    Matcher missing = MISSING.matcher(said);
    if (missing.find()) {
      throw new IOException(
          "the library " + missing.group(1) + " is not on this machine, and the image needs it");
    }
    TreeSet<Path> needed = new TreeSet<>();
    Matcher found = FOUND.matcher(said);
    while (found.find()) {
      Path library = Path.of(found.group(1)).normalize();
      if (own.stream().noneMatch(library::startsWith) && Files.exists(library)) {
        needed.add(library);
      }
    }
    return List.copyOf(needed);
  }
}
