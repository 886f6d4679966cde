package dev.meshctl.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the image of a program in Java that pods run beside a sidecar: the linked JDK of our own
 * image, so that a registry and a node have it once, its jars, and {@code /usr/bin/NAME}. No shell:
 * the first line of that file has the kernel start the JVM, whose first argument is then the file's
 * path.
 *
 * <p>It is run by user 65532: traffic of 1337 is the sidecar's own, and not captured.
 */
public final class ProgramImage {
  private static final String JDK = "/opt/jdk";
  private static final String USER = "65532:65532";
  private static final Instant MODIFIED = Instant.parse("2026-01-01T00:00:00Z");

  /**
   * What goes in.
   *
   * @param name of the program
   * @param jars its class path
   * @param flags of its JVM
   * @param memory more of them, which do not count while it is trained
   * @param training arguments with which it runs long enough to have a start-up cache, and ends
   */
  public record Parts(
      String name,
      String version,
      LinkedJdk jdk,
      List<Path> jars,
      List<String> flags,
      List<String> memory,
      String mainClass,
      List<String> training) {
    public Parts {
      jars = List.copyOf(jars);
      flags = List.copyOf(flags);
      memory = List.copyOf(memory);
      training = List.copyOf(training);
    }
  }

  private ProgramImage() {}

  /**
   * @throws IOException where training fails (the message has what it said), or the registry
   *     refuses
   */
  public static RuntimeImage.Made write(Parts parts, RuntimeImage.Destination destination)
      throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("program-image");
    try {
      ImageContents contents = new ImageContents();
      contents.system(
          new CaptureTools(List.of(), List.of()),
          parts.jdk().binaries(),
          parts.jdk().libraries(),
          Files.createDirectory(work.resolve("empty")),
          ImageWriter.texts(work));
      contents.tree("jdk", parts.jdk().home(), JDK, false);
      contents.tree("program", program(parts, work), "/opt/" + parts.name(), true);
      contents.program("script", script(parts, work), "/usr/bin/" + parts.name());
      return ImageWriter.write(
          ImageWriter.image(parts.jdk())
              .setFileEntriesLayers(contents.layers())
              .setEntrypoint("/usr/bin/" + parts.name())
              .setEnvironment(environment())
              .setUser(USER)
              .setLabels(labels(parts)),
          destination,
          work);
    } finally {
      Trees.delete(work);
    }
  }

  /** Jars, their cache, and the arguments that name both. */
  private static Path program(Parts parts, Path work) throws IOException, InterruptedException {
    Path folder = Files.createDirectories(work.resolve(parts.name()));
    Path lib = Files.createDirectory(folder.resolve("lib"));
    List<String> names = new ArrayList<>();
    for (Path jar : parts.jars()) {
      String name = String.valueOf(jar.getFileName());
      // The cache knows jars by their time.
      Files.setLastModifiedTime(Files.copy(jar, lib.resolve(name)), FileTime.from(MODIFIED));
      names.add(name);
    }
    String cache = parts.name() + ".aot";
    train(parts, folder.resolve(cache), lib, names);
    String home = "/opt/" + parts.name();
    List<String> arguments = new ArrayList<>(parts.flags());
    arguments.addAll(parts.memory());
    arguments.addAll(
        List.of("-XX:AOTCache=" + home + "/" + cache, "-Xlog:aot=off", "-Xlog:cds=off"));
    arguments.addAll(List.of("-cp", classPath(home + "/lib", names), parts.mainClass()));
    Path file = folder.resolve(parts.name() + ".args");
    Files.writeString(file, String.join("\n", arguments) + "\n");
    Files.setLastModifiedTime(file, FileTime.from(MODIFIED));
    return folder;
  }

  private static void train(Parts parts, Path cache, Path lib, List<String> names)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(parts.jdk().home().resolve("bin").resolve("java").toString());
    command.addAll(parts.flags());
    command.add("-XX:AOTCacheOutput=" + cache);
    command.addAll(List.of("-cp", classPath(lib.toString(), names), parts.mainClass()));
    command.addAll(parts.training());
    Path log = cache.resolveSibling("training.log");
    int exit =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    if (exit != 0 || !Files.exists(cache)) {
      throw new IOException("training " + parts.name() + " failed: " + Files.readString(log));
    }
    Files.delete(log);
    Files.setLastModifiedTime(cache, FileTime.from(MODIFIED.plusSeconds(1)));
  }

  private static String classPath(String lib, List<String> names) {
    return String.join(":", names.stream().map(name -> lib + "/" + name).toList());
  }

  private static Path script(Parts parts, Path work) throws IOException {
    String arguments = "/opt/" + parts.name() + "/" + parts.name() + ".args";
    return Files.writeString(work.resolve("script"), "#!" + JDK + "/bin/java @" + arguments + "\n");
  }

  private static Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("JAVA_HOME", JDK);
    environment.put("PATH", "/usr/bin:" + JDK + "/bin");
    return environment;
  }

  private static Map<String, String> labels(Parts parts) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("org.opencontainers.image.title", parts.name());
    labels.put("org.opencontainers.image.version", parts.version());
    labels.put("org.opencontainers.image.licenses", "Apache-2.0");
    return labels;
  }
}
