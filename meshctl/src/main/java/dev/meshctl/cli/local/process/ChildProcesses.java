package dev.meshctl.cli.local.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Starts processes that cannot outlive this one, however it ends. Three nets, so that each covers
 * the others' holes:
 *
 * <ol>
 *   <li>{@code setpriv --pdeathsig KILL}: the kernel kills the child when the thread that made it
 *       dies. That is why all are made by one platform thread that lives as long as this object. A
 *       child that finds itself with another parent already ends at once.
 *   <li>A lifeline: our own mains end when their standard input does.
 *   <li>The janitor: a shell that holds the other end of a pipe, knows every child's process group
 *       (a workload may have children of its own), and when the pipe ends kills them and removes
 *       the run folder. It is all there is where {@code setpriv} is missing.
 * </ol>
 *
 * <p>Thread: any.
 */
public final class ChildProcesses implements AutoCloseable {
  private static final String JANITOR =
      """
      trap '' INT TERM HUP
      groups=
      while IFS= read -r line; do
        case $line in
          +*) groups="$groups ${line#+}" ;;
          -*) kept=
              for g in $groups; do [ "$g" = "${line#-}" ] || kept="$kept $g"; done
              groups=$kept ;;
        esac
      done
      for g in $groups; do kill -s KILL -- "-$g" 2>/dev/null || kill -s KILL "$g" 2>/dev/null; done
      rm -rf -- "$@"
      """;

  /** Runs when all nets are tied: a child that lost its parent before has nothing to do. */
  private static final String CHECKED =
      "[ \"$PPID\" = \"$0\" ] || exit 125; cd \"$1\" || exit 126; shift; exec \"$@\"";

  private final ExecutorService spawner =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("process-spawner").daemon(true).factory());
  private final Tools tools;
  private final Process janitor;
  private final OutputStream janitorInput;

  private ChildProcesses(Tools tools, Process janitor) {
    this.tools = tools;
    this.janitor = janitor;
    this.janitorInput = janitor.getOutputStream();
  }

  /** Programs of the system, where it has them. */
  private record Tools(Optional<Path> setsid, Optional<Path> setpriv) {
    static Tools find() throws IOException {
      Optional<Path> setpriv = onPath("setpriv");
      if (setpriv.isPresent() && !knowsParentDeath(setpriv.get())) {
        setpriv = Optional.empty();
      }
      return new Tools(onPath("setsid"), setpriv);
    }

    private static boolean knowsParentDeath(Path setpriv) throws IOException {
      Process trial =
          new ProcessBuilder(setpriv.toString(), "--pdeathsig", "KILL", "true")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        return trial.waitFor() == 0;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }

  /**
   * @param leftovers files and folders to be removed when everything has ended
   */
  public static ChildProcesses open(List<Path> leftovers) throws IOException {
    Tools tools = Tools.find();
    List<String> command = new ArrayList<>();
    tools.setsid().ifPresent(setsid -> command.add(setsid.toString()));
    command.addAll(List.of("sh", "-c", JANITOR, "meshctl-janitor"));
    leftovers.forEach(path -> command.add(path.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(Path.of("/").toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    return new ChildProcesses(tools, builder.start());
  }

  /** The janitor's process id, for those who count what is left over. */
  public long janitorPid() {
    return janitor.pid();
  }

  /**
   * Starts a process; its output goes to the log, except for {@link ProcessSpec.Place.Apart}, whose
   * standard output the caller reads.
   */
  public Process start(ProcessSpec spec) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command(spec));
    builder.environment().clear();
    builder.environment().putAll(spec.environment());
    builder.redirectError(ProcessBuilder.Redirect.appendTo(spec.log().toFile()));
    if (!(spec.place() instanceof ProcessSpec.Place.Apart)) {
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(spec.log().toFile()));
    }
    if (spec.input() == ProcessSpec.Input.NOTHING) {
      builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    }
    Process process = onSpawner(builder::start);
    tell("+" + process.pid());
    return process;
  }

  /** Ends a process: politely, then after {@code patience} with its whole group by force. */
  public void stop(Process process, java.time.Duration patience) {
    process.destroy();
    try {
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        process.waitFor(2, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    // Only a group whose leader still lives can be signalled safely: the rest is the janitor's.
  }

  /** Forgets a process that has ended and left nothing. */
  public void ended(Process process) {
    if (process.descendants().findAny().isEmpty()) {
      tell("-" + process.pid());
    }
  }

  /** Lets the janitor end what is left, and remove the run folder. */
  @Override
  public void close() {
    try {
      janitorInput.close();
    } catch (IOException gone) {
      // Then it has done its work already.
    }
    try {
      janitor.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    spawner.shutdown();
  }

  private List<String> command(ProcessSpec spec) {
    List<String> command = new ArrayList<>();
    tools.setsid().ifPresent(setsid -> command.add(setsid.toString()));
    int group = 0;
    switch (spec.place()) {
      case ProcessSpec.Place.Here() -> {}
      case ProcessSpec.Place.Apart() ->
          command.addAll(List.of("unshare", "--net", "--mount", "--propagation", "private"));
      case ProcessSpec.Place.Inside(long holder, int asGroup) -> {
        group = asGroup;
        command.addAll(
            List.of(
                "nsenter",
                "--net=/proc/" + holder + "/ns/net",
                "--mount=/proc/" + holder + "/ns/mnt"));
      }
    }
    // Last, because the kernel forgets a death signal when credentials change.
    if (tools.setpriv().isPresent()) {
      command.add(tools.setpriv().get().toString());
      if (group != 0) {
        command.addAll(List.of("--regid", Integer.toString(group), "--clear-groups"));
      }
      command.addAll(List.of("--pdeathsig", "KILL"));
    }
    command.addAll(
        List.of(
            "sh",
            "-c",
            CHECKED,
            Long.toString(ProcessHandle.current().pid()),
            spec.directory().toString()));
    command.addAll(spec.command());
    return command;
  }

  private synchronized void tell(String line) {
    try {
      janitorInput.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
      janitorInput.flush();
    } catch (IOException gone) {
      // The other two nets hold.
    }
  }

  private <T> T onSpawner(Callable<T> work) throws IOException {
    try {
      return spawner.submit(work).get();
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof IOException e) {
        throw e;
      }
      throw new IllegalStateException(failed.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new java.io.InterruptedIOException("interrupted while starting a process");
    }
  }

  /** A program of the system, where {@code PATH} has it. */
  public static Optional<Path> onPath(String program) {
    String path = System.getenv("PATH");
    for (String folder : (path == null ? "/usr/bin:/bin" : path).split(":")) {
      Path candidate = Path.of(folder.isEmpty() ? "." : folder, program);
      if (Files.isExecutable(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }
}
