package dev.meshctl.cli.local;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.context.RunningMeshes;
import dev.meshctl.cli.local.process.ChildProcesses;
import dev.meshctl.cli.local.process.RuntimeLaunch;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Starts a supervisor that outlives this process, in a session of its own. */
public final class Detached {
  /** The supervisor gives up much earlier where nothing gets on. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** How the supervisor begins to say why it ends. */
  private static final String FAILURE = "meshctl: ";

  private Detached() {}

  /**
   * Starts it and waits until the mesh serves, handing on what it says.
   *
   * @throws CommandFailure where it does not come up, with what the supervisor said
   */
  public static LocalStatus start(LocalMeshOptions options, RunningMeshes meshes, Progress progress)
      throws IOException, InterruptedException {
    if (RunFolder.isTaken(meshes, options.name())) {
      // The same refusal as the supervisor's, without starting one.
      RunFolder.take(meshes, options.name()).close();
    }
    Path folder = meshes.folder(options.name());
    Path log = newLog(folder);
    try (LogTail tail = new LogTail(log)) {
      Process supervisor =
          new ProcessBuilder(command(options))
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      return await(supervisor, folder, tail, progress);
    } finally {
      if (!RunFolder.isTaken(meshes, options.name())) {
        Files.deleteIfExists(log);
      }
    }
  }

  private static LocalStatus await(Process supervisor, Path folder, LogTail tail, Progress progress)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    List<String> said = new ArrayList<>();
    while (supervisor.isAlive()) {
      sort(tail.newLines(), progress, said);
      try {
        LocalStatus status = LocalStatus.read(folder);
        if (status.supervisorPid() == supervisor.pid()
            && status.phase() == LocalStatus.Phase.RUNNING) {
          sort(tail.newLines(), progress, said);
          return status;
        }
      } catch (IOException notYet) {
        // It has just begun.
      }
      if (System.nanoTime() > deadline) {
        supervisor.destroy();
        throw CommandFailure.failed(
            "the mesh did not come up within " + PATIENCE.toSeconds() + " s", tail.newLines(), "");
      }
      Thread.sleep(40);
    }
    sort(tail.newLines(), progress, said);
    throw failure(supervisor.exitValue(), said);
  }

  /** Progress goes on; the failure, from its first line to the end, is kept. */
  private static void sort(List<String> lines, Progress progress, List<String> failure) {
    for (String line : lines) {
      if (failure.isEmpty() && !line.startsWith(FAILURE)) {
        progress.line(line);
      } else {
        failure.add(line);
      }
    }
  }

  private static CommandFailure failure(int exitValue, List<String> said) {
    List<String> lines = said.stream().filter(line -> !line.isBlank()).toList();
    String problem =
        lines.isEmpty()
            ? "the supervisor ended with exit code " + exitValue
            : lines.getFirst().substring(FAILURE.length());
    List<String> rest = lines.isEmpty() ? lines : lines.subList(1, lines.size());
    String fix = "";
    if (!rest.isEmpty() && rest.getLast().startsWith("  fix: ")) {
      fix = rest.getLast().substring("  fix: ".length());
      rest = rest.subList(0, rest.size() - 1);
    }
    List<String> details = rest.stream().map(line -> line.replaceFirst("^ {2}", "")).toList();
    return exitValue == 2
        ? CommandFailure.refused(problem, details, fix)
        : CommandFailure.failed(problem, details, fix);
  }

  private static List<String> command(LocalMeshOptions options) throws IOException {
    List<String> command = new ArrayList<>();
    ChildProcesses.onPath("setsid").ifPresent(setsid -> command.add(setsid.toString()));
    List<String> properties = new ArrayList<>();
    for (String property : List.of("meshctl.home", "meshctl.root")) {
      String value = System.getProperty(property, "");
      if (!value.isEmpty()) {
        properties.add("-D" + property + "=" + value);
      }
    }
    List<String> arguments = new ArrayList<>(List.of("local", "supervise"));
    arguments.addAll(MeshArguments.words(options));
    command.addAll(
        RuntimeLaunch.ofThisProcess("cli")
            .command(RuntimeLaunch.Program.CLI, properties, arguments));
    return command;
  }

  private static Path newLog(Path folder) {
    Path log = RunFolder.supervisorLog(folder);
    try {
      Files.createDirectories(log.getParent());
      Files.deleteIfExists(log);
      return Files.createFile(
          log, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (IOException unwritable) {
      throw CommandFailure.failed(
          "no permission to write " + log,
          "make it writable, or set " + RunningMeshes.STATE_VARIABLE + " to a folder that is");
    }
  }

  /**
   * Reads on where it stopped, also when the file has lost its name: a supervisor that ends takes
   * its run folder along, and what it said last is in there.
   */
  private static final class LogTail implements AutoCloseable {
    private final RandomAccessFile file;

    LogTail(Path file) throws IOException {
      this.file = new RandomAccessFile(file.toFile(), "r");
    }

    /** Whole lines only. */
    List<String> newLines() throws IOException {
      long from = file.getFilePointer();
      byte[] bytes = new byte[Math.toIntExact(file.length() - from)];
      file.readFully(bytes);
      int end = bytes.length;
      while (end > 0 && bytes[end - 1] != '\n') {
        end--;
      }
      file.seek(from + end);
      return new String(bytes, 0, end, StandardCharsets.UTF_8).lines().toList();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
