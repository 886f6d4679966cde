package dev.meshctl.integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the packaged CLI as its own process, with a state folder that belongs to one test. */
public final class CommandLine {
  private static final Path ROOT = Path.of(System.getProperty("meshctl.root"));
  private static final Path HOME = ROOT.resolve("meshctl/target/meshctl");

  private final Path state;

  public CommandLine(Path state) {
    this.state = state;
  }

  public static Path root() {
    return ROOT;
  }

  public Path state() {
    return state;
  }

  /** What a command printed and how it ended. */
  public record Result(int exitCode, String out, String err) {
    /** The last line of standard output that is not blank. */
    public String lastLine() {
      return out.lines().filter(line -> !line.isBlank()).reduce((a, b) -> b).orElse("");
    }
  }

  /** Runs to the end; fails when that takes longer than {@code limit}. */
  public Result run(Duration limit, String... arguments) {
    try {
      Path out = Files.createTempFile(state, "out", ".txt");
      Path err = Files.createTempFile(state, "err", ".txt");
      Process process =
          builder(arguments).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      process.getOutputStream().close();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        throw new AssertionError(
            "%s took longer than %s%n%s%n%s"
                .formatted(
                    List.of(arguments), limit, Files.readString(out), Files.readString(err)));
      }
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Starts and leaves it running; output goes to files in the state folder. */
  public Process start(String... arguments) throws IOException {
    return builder(arguments)
        .redirectOutput(Files.createTempFile(state, "background", ".out").toFile())
        .redirectError(Files.createTempFile(state, "background", ".err").toFile())
        .start();
  }

  private ProcessBuilder builder(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    try {
      command.addAll(
          List.of(
              Files.readString(ROOT.resolve("meshctl/bin/cli.jvmflags")).strip().split("\\s+")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    command.add("-Dmeshctl.home=" + HOME);
    command.add("-Dmeshctl.root=" + ROOT);
    command.add("-cp");
    command.add(HOME.resolve("lib") + "/*");
    command.add("dev.meshctl.cli.Meshctl");
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("MESHCTL_STATE_DIR", state.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    return builder;
  }
}
