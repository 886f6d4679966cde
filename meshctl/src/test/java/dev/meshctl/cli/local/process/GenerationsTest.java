package dev.meshctl.cli.local.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same as the supervisor of a container, over real processes; see {@code SupervisorTest}. */
class GenerationsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private ChildProcesses children;
  private Generations generations;
  private SupervisedProcess process;

  @BeforeEach
  void start() throws IOException {
    children = ChildProcesses.open(List.of());
    generations =
        new Generations(
            new Generations.Setting(
                "p",
                folder.resolve("g"),
                folder.resolve("installed"),
                folder.resolve("keys"),
                (runtime, more) ->
                    spec(
                        runtime.map(at -> String.valueOf(at.getFileName())).orElse("ready"), more)),
            children);
    process =
        new SupervisedProcess(
            "p", generations, new ReadinessProbe.None(), children, new Semaphore(1), () -> {});
    process.start();
    awaitHeard("ready", "begun 0 ");
  }

  @AfterEach
  void stop() {
    process.stop();
    children.close();
  }

  /** A runtime is called as it behaves, but for what is behind a dot. */
  private ProcessSpec spec(String runtime, Map<String, String> more) {
    Map<String, String> environment = new LinkedHashMap<>(more);
    return new ProcessSpec(
        "p",
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            FakeGeneration.class.getName(),
            runtime.replaceAll("\\..*", ""),
            folder.resolve(runtime).toString()),
        environment,
        folder,
        folder.resolve("log"),
        ProcessSpec.Input.NOTHING,
        new ProcessSpec.Place.Here());
  }

  private void order(
      String from, int generation, String runtime, long readyMillis, long watchMillis)
      throws IOException {
    Path whole =
        Files.writeString(
            folder.resolve(from + ".new"),
            "start %d %d 20000 %d 0 %s"
                .formatted(generation, readyMillis, watchMillis, folder.resolve(runtime)));
    Files.move(whole, folder.resolve(from + ".order"), StandardCopyOption.ATOMIC_MOVE);
  }

  private void awaitHeard(String runtime, String text) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(heard(runtime)).contains(text));
  }

  private String heard(String runtime) throws IOException {
    Path file = folder.resolve(runtime);
    return Files.exists(file) ? Files.readString(file) : "";
  }

  @Test
  void the_next_one_takes_over_and_is_supervised_under_its_own_pid() throws Exception {
    await().atMost(PATIENCE).until(() -> process.state().pid() > 0);
    long before = process.state().pid();
    order("ready", 1, "ready.next", 30_000, 200);
    awaitHeard("ready", "started 1\nready 1\nretire 20000\nleave\n");
    awaitHeard("ready.next", "settled 1 ");
    await().atMost(PATIENCE).until(() -> process.state().pid() != before);
    assertThat(process.state().phase()).isEqualTo(SupervisedProcess.Phase.READY);
    assertThat(process.state().restarts()).isZero();
    await()
        .atMost(PATIENCE)
        .until(() -> !ProcessHandle.of(before).map(ProcessHandle::isAlive).orElse(false));
    // And it is what is started again when it dies.
    ProcessHandle.of(process.state().pid()).orElseThrow().destroyForcibly();
    await().atMost(PATIENCE).until(() -> process.state().restarts() == 1);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(heard("ready.next").split("begun 1", -1)).hasSizeGreaterThan(2));
  }

  @Test
  void one_that_crashes_changes_nothing() throws Exception {
    order("ready", 1, "crash", 30_000, 200);
    awaitHeard("ready", "failed 1 ");
    assertThat(heard("ready"))
        .contains("it ended with 3 before it was ready")
        .doesNotContain("retire");
    assertThat(process.state().restarts()).isZero();
  }

  @Test
  void one_that_hangs_is_ended_at_its_deadline() throws Exception {
    order("ready", 1, "hang", 500, 200);
    awaitHeard("ready", "it was not ready in time");
    assertThat(process.state().restarts()).isZero();
  }

  @Test
  void one_that_dies_while_it_is_watched_gives_way_to_the_old_one() throws Exception {
    order("ready", 1, "ready.next", 30_000, 60_000);
    awaitHeard("ready", "retire");
    String begun = heard("ready.next").lines().findFirst().orElseThrow();
    ProcessHandle next =
        ProcessHandle.of(Long.parseLong(begun.substring("begun 1 ".length()))).orElseThrow();
    next.destroyForcibly();
    awaitHeard("ready", "resume\nrolledback 1 ");
    assertThat(process.state().restarts()).isZero();
  }

  @Test
  void one_that_gives_up_while_it_is_watched_ends_what_it_has_begun_beside_the_old_one()
      throws Exception {
    order("ready", 1, "ready.next", 30_000, 60_000);
    awaitHeard("ready", "retire 20000\n");
    Path whole = Files.writeString(folder.resolve("new"), "giveup order 2 is to go back");
    Files.move(whole, folder.resolve("ready.next.order"), StandardCopyOption.ATOMIC_MOVE);
    awaitHeard("ready", "resume\nrolledback 1 ");
    awaitHeard("ready.next", "retire 20000\nleave\n");
    assertThat(heard("ready")).contains("order 2 is to go back");
    assertThat(process.state().restarts()).isZero();
  }
}
