package dev.meshctl.bundle.build;

import dev.meshctl.bundle.BundleWriter;
import dev.meshctl.bundle.Host;
import dev.meshctl.bundle.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A folder with a whole runtime: {@code lib}, {@code native}, {@code cache}. The jars are those
 * that the runtime's mains can reach, of generated messages the classes that can be reached; all of
 * them have one time of modification, so that the same jars make the same bundle.
 */
public final class Staging {
  /** Of every file but the caches, which are newer by a second than what they were trained with. */
  private static final Instant MODIFIED = Instant.parse("2026-01-01T00:00:00Z");

  /** The jar with the mains, from which all is reached. */
  private static final String ROOT = "meshctl-runtime-app-";

  /** Jars that nobody names, because they are found as providers only. */
  private static final List<String> PROVIDERS = List.of("slf4j-jdk14-");

  /** Jars of messages that a generator wrote: what is not reached of them can be left out. */
  private static final List<String> GENERATED = List.of("api-", "proto-google-common-protos-");

  /** A machine that builds is often a busy one; an idle one needs ten. */
  private static final String TRAINING_SECONDS = "240";

  private final Path folder;
  private final List<String> classPath;
  private final List<String> flags;

  /**
   * What a build left.
   *
   * @param lib its jars
   * @param natives its native libraries; of several processors, if need be
   * @param flags of every JVM of the runtime
   */
  public record Distribution(Path lib, Path natives, List<String> flags) {
    public Distribution {
      flags = List.copyOf(flags);
    }
  }

  private Staging(Path folder, List<String> classPath, List<String> flags) {
    this.folder = folder;
    this.classPath = List.copyOf(classPath);
    this.flags = List.copyOf(flags);
  }

  /**
   * Copies what is needed.
   *
   * @param folder must be empty
   * @param arch {@code amd64} or {@code arm64}
   * @throws IOException where the distribution has no runtime in it
   */
  public static Staging of(
      Distribution distribution, Path folder, String arch, Consumer<String> progress)
      throws IOException {
    List<Path> jars = files(distribution.lib(), ".jar");
    List<Path> roots = new ArrayList<>(named(jars, List.of(ROOT)));
    if (roots.isEmpty()) {
      throw new IOException("no " + ROOT + "*.jar in " + distribution.lib() + "; build first");
    }
    roots.addAll(named(jars, PROVIDERS));
    ClassPath all = ClassPath.of(jars);
    Set<String> reached = all.reachedFrom(roots);
    Set<Path> needed = all.jarsOf(reached);
    List<Path> generatedJars = named(jars, GENERATED);
    List<String> classPath = new ArrayList<>();
    Path lib = Files.createDirectories(folder.resolve("lib"));
    for (Path jar : jars) {
      if (!needed.contains(jar)) {
        continue;
      }
      Path copy = lib.resolve(name(jar));
      boolean generated = generatedJars.contains(jar);
      StoredJar.write(jar, copy, entry -> !generated || isReached(entry, reached));
      settle(copy, MODIFIED);
      classPath.add("lib/" + name(jar));
    }
    Path natives = Files.createDirectories(folder.resolve("native"));
    for (Path library : files(distribution.natives(), ".so")) {
      if (isFor(arch, name(library))) {
        settle(Files.copy(library, natives.resolve(name(library))), MODIFIED);
      }
    }
    progress.accept(classPath.size() + " of " + jars.size() + " jars are needed");
    return new Staging(folder, classPath, distribution.flags());
  }

  public Path folder() {
    return folder;
  }

  /**
   * Runs a small mesh with the JDK at {@code home}, so that the programs have an AOT cache for that
   * very JVM.
   *
   * @return false where training failed, and they have none: they start slower
   */
  public boolean train(Path home, Path log) throws IOException, InterruptedException {
    Path caches = Files.createDirectories(folder.resolve("cache"));
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin").resolve("java").toString());
    command.addAll(flags);
    command.add("-Djava.library.path=" + folder.resolve("native"));
    command.add("-cp");
    command.add(
        String.join(":", classPath.stream().map(jar -> folder.resolve(jar).toString()).toList()));
    command.add("dev.meshctl.app.TrainingMain");
    command.add(caches.toString());
    command.add(TRAINING_SECONDS);
    command.add(RuntimeProgram.CACHED.programName());
    int exit =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    Path cache = folder.resolve(RuntimeProgram.cache());
    if (exit != 0 || !Files.exists(cache)) {
      // A half of one would be worse than none.
      Files.deleteIfExists(cache);
      return false;
    }
    settle(cache, MODIFIED.plusSeconds(1));
    return true;
  }

  /**
   * @param jdk for which it was trained
   */
  public BundleWriter.Description description(String version, Host jdk) {
    String cache =
        Files.exists(folder.resolve(RuntimeProgram.cache())) ? RuntimeProgram.cache() : "";
    List<Manifest.Program> programs = new ArrayList<>();
    for (RuntimeProgram program : RuntimeProgram.values()) {
      List<String> all = new ArrayList<>(flags);
      all.addAll(program.memory());
      programs.add(
          new Manifest.Program(program.programName(), program.mainClass(), cache, all, classPath));
    }
    return new BundleWriter.Description(
        version,
        "",
        new Manifest.Requirements(jdk.javaFeature(), jdk.javaBuild(), jdk.os(), jdk.arch()),
        RuntimeProgram.PROXY.memoryBytes(),
        programs);
  }

  private static boolean isReached(String entry, Set<String> reached) {
    return entry.endsWith(".class")
        ? reached.contains(ClassPath.type(entry))
        : entry.startsWith("META-INF/");
  }

  private static List<Path> named(List<Path> jars, List<String> beginnings) {
    return jars.stream()
        .filter(jar -> beginnings.stream().anyMatch(name(jar)::startsWith))
        .toList();
  }

  private static boolean isFor(String arch, String library) {
    String other = arch.equals("amd64") ? "aarch_64" : "x86_64";
    return !library.contains(other);
  }

  private static void settle(Path file, Instant modified) throws IOException {
    boolean program = Files.isExecutable(file) && !name(file).endsWith(".jar");
    Files.setPosixFilePermissions(
        file, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
    Files.setLastModifiedTime(file, FileTime.from(modified));
  }

  private static List<Path> files(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> name(file).endsWith(ending)).sorted().toList();
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}
