package dev.meshctl.integration.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** A supervisor with fake runtimes, whose folders say how they behave. */
final class Supervised implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path folder;
  private final Path supervisor;
  private final Path fake;
  private final List<Process> started = new ArrayList<>();
  private @Nullable Process process;

  private Supervised(Path folder, Path supervisor, Path fake) {
    this.folder = folder;
    this.supervisor = supervisor;
    this.fake = fake;
  }

  /** Compiles both programs into {@code folder}. */
  static Supervised in(Path folder) throws IOException, InterruptedException {
    Path sources = Path.of(System.getProperty("meshctl.root"), "proxy-runtime", "supervisor");
    boolean compiler = runs(List.of("sh", "-c", "command -v ${CC:-cc}"));
    if (!compiler) {
      System.err.println("SKIPPED: the supervisor is not tested here: no C compiler");
    }
    Assumptions.assumeTrue(compiler, "a C compiler is needed");
    Path supervisor = folder.resolve("supervisor");
    Path fake = folder.resolve("fake-runtime");
    assertThat(runs(List.of(sources.resolve("build").toString(), supervisor.toString()))).isTrue();
    assertThat(
            runs(
                List.of(
                    "sh",
                    "-c",
                    "exec ${CC:-cc} -O1 -Wall -Wextra -Werror -o \"$0\" \"$1\"",
                    fake.toString(),
                    sources.resolve("test").resolve("fake-runtime.c").toString())))
        .isTrue();
    Files.createDirectories(folder.resolve("state"));
    Files.createDirectories(folder.resolve("cgroup"));
    return new Supervised(folder, supervisor, fake);
  }

  private static boolean runs(List<String> command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()
            .waitFor()
        == 0;
  }

  /** The folder of a runtime that behaves like this. */
  Path runtime(String name, String behaviour) throws IOException {
    Path runtime = Files.createDirectories(folder.resolve(name));
    Files.writeString(runtime.resolve("proxy.args"), "");
    Files.writeString(runtime.resolve("behaviour"), behaviour);
    return runtime;
  }

  /** Starts it with what was shipped. */
  void start(Path shipped, String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                supervisor.toString(),
                "--java",
                fake.toString(),
                "--shipped",
                shipped.toString(),
                "--state",
                folder.resolve("state").toString(),
                "--cgroup",
                folder.resolve("cgroup").toString()));
    command.addAll(List.of(more));
    command.addAll(List.of("proxy", "--config", "x y"));
    Process running =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(
                ProcessBuilder.Redirect.appendTo(folder.resolve("supervisor.log").toFile()))
            .start();
    process = running;
    started.add(running);
  }

  /** Starts it over the real {@code java}, with a proxy that has this bootstrap. */
  void startJava(Path shipped, Path bootstrap, Map<String, String> environment) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                supervisor.toString(),
                "--java",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--shipped",
                shipped.toString(),
                "--state",
                folder.resolve("state").toString(),
                "--cgroup",
                folder.resolve("cgroup").toString(),
                "proxy",
                "--config",
                bootstrap.toString())
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve("supervisor.log").toFile()))
            .redirectError(
                ProcessBuilder.Redirect.appendTo(folder.resolve("supervisor.log").toFile()));
    builder.environment().putAll(environment);
    Process running = builder.start();
    process = running;
    started.add(running);
  }

  /** The same container again, with what its volume holds. */
  void restart(Path shipped) throws IOException {
    start(shipped);
  }

  /** Lets the runtime there ask for a next one. */
  void order(Path from, long generation, Path next, Limits limits) throws IOException {
    say(
        from,
        "start %d %d %d %d %d %s\n"
            .formatted(
                generation,
                limits.readyMillis(),
                limits.drainMillis(),
                limits.watchMillis(),
                limits.needBytes(),
                next));
  }

  /** Of an order. */
  record Limits(long readyMillis, long drainMillis, long watchMillis, long needBytes) {
    static final Limits SHORT = new Limits(20_000, 20_000, 300, 0);
  }

  void say(Path runtime, String text) throws IOException {
    Path whole = Files.writeString(runtime.resolve("say.new"), text);
    Files.move(whole, runtime.resolve("say"), StandardCopyOption.ATOMIC_MOVE);
  }

  void limit(String file, String content) throws IOException {
    Files.writeString(folder.resolve("cgroup").resolve(file), content);
  }

  String heard(Path runtime) {
    return read(runtime.resolve("heard"));
  }

  void awaitHeard(Path runtime, String text) {
    await("what " + runtime.getFileName() + " hears")
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(heard(runtime)).contains(text));
  }

  /** Process ids of all the lives of this runtime. */
  List<Long> pids(Path runtime) {
    return read(runtime.resolve("pids")).lines().map(Long::valueOf).toList();
  }

  void awaitLives(Path runtime, int count) {
    await("lives of " + runtime.getFileName())
        .atMost(PATIENCE)
        .until(() -> pids(runtime).size() >= count);
  }

  String environment(Path runtime) {
    return read(runtime.resolve("environment"));
  }

  static String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      return "";
    }
  }

  String log() {
    return read(folder.resolve("supervisor.log"));
  }

  Process process() {
    return Objects.requireNonNull(process, "not started");
  }

  Path folder() {
    return folder;
  }

  int exitCode() throws InterruptedException {
    assertThat(process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .as("ends, %s", log())
        .isTrue();
    return process().exitValue();
  }

  static boolean lives(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  static void awaitEnd(long pid) {
    await("end of " + pid).atMost(PATIENCE).until(() -> !lives(pid));
  }

  @Override
  public void close() {
    started.forEach(Process::destroyForcibly);
  }
}
