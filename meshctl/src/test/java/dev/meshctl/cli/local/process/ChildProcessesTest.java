package dev.meshctl.cli.local.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class ChildProcessesTest {
  private static final Duration SOON = Duration.ofSeconds(15);

  @TempDir Path folder;

  @Test
  void no_process_and_no_file_outlives_a_launcher_killed_by_sigkill() throws Exception {
    Path run = Files.createDirectory(folder.resolve("run"));
    Process launcher =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Launcher.class.getName(),
                run.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<Long> pids = new ArrayList<>();
    try (BufferedReader said = launcher.inputReader()) {
      for (String line = said.readLine();
          line != null && !line.equals("done");
          line = said.readLine()) {
        pids.add(Long.parseLong(line));
      }
      Path grandchild = run.resolve("grandchild");
      await().atMost(SOON).until(() -> Files.exists(grandchild) && Files.size(grandchild) > 1);
      pids.add(Long.parseLong(Files.readString(grandchild).strip()));
      assertThat(pids).hasSize(4).allMatch(ChildProcessesTest::lives);

      launcher.destroyForcibly().waitFor();

      await().atMost(SOON).until(() -> pids.stream().noneMatch(ChildProcessesTest::lives));
      await().atMost(SOON).until(() -> Files.notExists(run));
    } finally {
      launcher.destroyForcibly();
    }
  }

  /** A launcher of its own: a deaf child, one with a child of its own; says their ids. */
  static final class Launcher {
    private Launcher() {}

    public static void main(String[] args) throws Exception {
      Path run = Path.of(args[0]);
      ChildProcesses children = ChildProcesses.open(List.of(run));
      Process deaf =
          children.start(sh("deaf", run, "trap '' TERM HUP INT; while :; do sleep 1; done"));
      Process parent =
          children.start(
              sh("parent", run, "trap '' TERM HUP; sleep 300 & echo $! >grandchild; wait"));
      System.out.println(children.janitorPid());
      System.out.println(deaf.pid());
      System.out.println(parent.pid());
      System.out.println("done");
      System.out.flush();
      Thread.sleep(Duration.ofMinutes(5));
    }
  }

  @Test
  void a_process_that_dies_is_started_again_and_its_end_is_remembered() throws Exception {
    try (ChildProcesses children = ChildProcesses.open(List.of())) {
      Path flag = folder.resolve("flag");
      SupervisedProcess process =
          new SupervisedProcess(
              "flaky",
              () -> sh("flaky", folder, "if [ -e flag ]; then exec sleep 300; fi; : >flag; exit 7"),
              new ReadinessProbe.Asking(() -> Files.exists(flag)),
              children,
              new Semaphore(1),
              () -> {});
      process.start();

      await()
          .atMost(SOON)
          .until(() ->
              process.state().phase() == SupervisedProcess.Phase.READY
                  && process.state().restarts() == 1);
      assertThat(process.state().lastExit()).isEqualTo("exit code 7");
      long pid = process.state().pid();
      assertThat(lives(pid)).isTrue();

      ProcessHandle.of(pid).orElseThrow().destroyForcibly();
      await().atMost(SOON).until(() -> process.state().restarts() == 2);
      assertThat(process.state().lastExit()).isEqualTo("killed by signal 9");
      await().atMost(SOON).until(() -> process.state().phase() == SupervisedProcess.Phase.READY);

      long last = process.state().pid();
      process.stop();
      assertThat(process.state().phase()).isEqualTo(SupervisedProcess.Phase.STOPPED);
      assertThat(lives(last)).isFalse();
    }
  }

  @Test
  void a_child_that_ignores_the_polite_end_is_ended_by_force() throws Exception {
    try (ChildProcesses children = ChildProcesses.open(List.of())) {
      Path ready = folder.resolve("ready");
      Process deaf =
          children.start(sh("deaf", folder, "trap '' TERM; : >ready; while :; do sleep 1; done"));
      await().atMost(SOON).until(() -> Files.exists(ready));

      children.stop(deaf, Duration.ofMillis(200));

      assertThat(deaf.isAlive()).isFalse();
    }
  }

  private static ProcessSpec sh(String name, Path directory, String script) {
    return new ProcessSpec(
        name,
        List.of("sh", "-c", script),
        Map.of("PATH", "/usr/bin:/bin"),
        directory,
        directory.resolveSibling(name + ".log"),
        ProcessSpec.Input.NOTHING,
        new ProcessSpec.Place.Here());
  }

  private static boolean lives(long pid) {
    try {
      // A zombie nobody has waited for yet is no longer a running process.
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException gone) {
      return false;
    }
  }
}
