package dev.meshctl.integration.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.integration.supervisor.Supervised.Limits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisorTest {
  /** Stated in docs/guide/live-patch.md. */
  private static final long MOST_RESIDENT_KIB = 1024;

  @TempDir private Path folder;
  private Supervised supervised;

  @BeforeEach
  void compile() throws Exception {
    supervised = Supervised.in(folder);
  }

  @AfterEach
  void stop() {
    if (supervised != null) {
      supervised.close();
    }
  }

  private Path shipped(String behaviour) throws Exception {
    Path shipped = supervised.runtime("shipped", behaviour);
    supervised.start(shipped);
    supervised.awaitLives(shipped, 1);
    return shipped;
  }

  @Test
  void the_shipped_runtime_runs_with_its_arguments() throws Exception {
    Path shipped = shipped("ready");
    await()
        .atMost(Supervised.PATIENCE)
        .untilAsserted(() ->
            assertThat(supervised.environment(shipped))
                .contains("argument=--config\nargument=x y\n", "MESHCTL_GENERATION=0\n")
                .doesNotContain("PREDECESSOR"));
  }

  @Test
  void the_next_one_takes_over_and_the_old_one_leaves() throws Exception {
    Path shipped = shipped("ready");
    Path next = supervised.runtime("next", "ready");
    supervised.order(shipped, 1, next, Limits.SHORT);
    supervised.awaitHeard(shipped, "started 1\nready 1\nretire 20000\nleave\n");
    supervised.awaitHeard(next, "settled 1 ");
    Supervised.awaitEnd(supervised.pids(shipped).getFirst());
    assertThat(supervised.environment(next))
        .contains("MESHCTL_PREDECESSOR=" + folder.resolve("state/run/h.0") + "\n")
        .contains("MESHCTL_HANDOVER=" + folder.resolve("state/run/h.1") + "\n");
    // Both were seen at once, and what they took together is more than nothing.
    assertThat(supervised.heard(next)).containsPattern("settled 1 [1-9][0-9]{5,}");
    assertThat(supervised.pids(next)).hasSize(1);
    assertThat(Supervised.lives(supervised.pids(next).getFirst())).isTrue();
  }

  @Test
  void patch_follows_patch() throws Exception {
    Path at = shipped("ready");
    for (int i = 1; i <= 20; i++) {
      Path next = supervised.runtime("next" + i, "ready");
      supervised.order(at, i, next, new Limits(20_000, 20_000, 50, 0));
      supervised.awaitHeard(next, "settled " + i + " ");
      Supervised.awaitEnd(supervised.pids(at).getFirst());
      at = next;
    }
    assertThat(supervised.process().isAlive()).isTrue();
  }

  @Test
  void one_that_crashes_at_start_changes_nothing() throws Exception {
    Path shipped = shipped("ready");
    supervised.order(shipped, 1, supervised.runtime("next", "crash"), Limits.SHORT);
    supervised.awaitHeard(shipped, "it ended with 3 before it was ready");
    assertThat(supervised.heard(shipped)).doesNotContain("retire");
    assertThat(supervised.pids(shipped)).hasSize(1);
  }

  @Test
  void one_that_cannot_be_started_at_all_changes_nothing() throws Exception {
    Path shipped = shipped("ready");
    supervised.order(shipped, 1, folder.resolve("nowhere"), Limits.SHORT);
    supervised.awaitHeard(shipped, "failed 1 ");
    assertThat(supervised.pids(shipped)).hasSize(1);
  }

  @Test
  void one_that_hangs_is_ended_at_its_deadline() throws Exception {
    Path shipped = shipped("ready");
    Path next = supervised.runtime("next", "hang");
    supervised.order(shipped, 1, next, new Limits(300, 20_000, 300, 0));
    supervised.awaitHeard(shipped, "it was not ready in time");
    Supervised.awaitEnd(supervised.pids(next).getFirst());
    assertThat(supervised.heard(shipped)).doesNotContain("retire");
  }

  @Test
  void one_that_dies_after_it_was_ready_gives_way_to_the_old_one() throws Exception {
    Path shipped = shipped("ready");
    Path next = supervised.runtime("next", "ready-crash");
    supervised.order(shipped, 1, next, new Limits(20_000, 20_000, 20_000, 0));
    supervised.awaitHeard(shipped, "retire 20000\nresume\nrolledback 1 ");
    assertThat(supervised.heard(shipped)).contains("it ended with 4 within the watch period");
    assertThat(supervised.pids(shipped)).hasSize(1);
    // It can try again with another.
    Path better = supervised.runtime("better", "ready");
    supervised.order(shipped, 2, better, Limits.SHORT);
    supervised.awaitHeard(better, "settled 2 ");
  }

  @Test
  void one_that_falls_silent_while_it_is_watched_gives_way() throws Exception {
    Path shipped = shipped("ready");
    Path next = supervised.runtime("next", "mute");
    supervised.order(shipped, 1, next, new Limits(20_000, 60_000, 60_000, 0));
    supervised.awaitHeard(shipped, "resume\nrolledback 1 ");
    assertThat(supervised.heard(shipped)).contains("it hangs");
    Supervised.awaitEnd(supervised.pids(next).getFirst());
  }

  @Test
  void one_that_gives_up_while_it_is_watched_ends_what_it_has_begun_beside_the_old_one()
      throws Exception {
    Path shipped = shipped("ready");
    Path next = supervised.runtime("next", "ready");
    supervised.order(shipped, 1, next, new Limits(20_000, 20_000, 60_000, 0));
    supervised.awaitHeard(shipped, "retire 20000\n");
    supervised.say(next, "giveup order 2 is to go back\n");
    supervised.awaitHeard(shipped, "resume\nrolledback 1 ");
    supervised.awaitHeard(next, "retire 20000\nleave\n");
    assertThat(supervised.heard(shipped)).contains("order 2 is to go back");
    Supervised.awaitEnd(supervised.pids(next).getFirst());
    assertThat(supervised.pids(shipped)).hasSize(1);
    // The next one after it is started as ever.
    Path better = supervised.runtime("better", "ready");
    supervised.order(shipped, 2, better, Limits.SHORT);
    supervised.awaitHeard(better, "settled 2 ");
  }

  @Test
  void the_last_good_one_is_started_again_when_both_die() throws Exception {
    Path shipped = shipped("ready");
    Path next = supervised.runtime("next", "ready");
    supervised.order(shipped, 1, next, new Limits(20_000, 60_000, 60_000, 0));
    supervised.awaitHeard(shipped, "retire");
    kill(supervised.pids(shipped).getFirst());
    kill(supervised.pids(next).getFirst());
    supervised.awaitLives(shipped, 2);
    supervised.say(shipped, "alive\n");
    assertThat(supervised.process().isAlive()).isTrue();
  }

  private static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    Supervised.awaitEnd(pid);
  }

  @Test
  void two_at_a_time_is_all() throws Exception {
    Path shipped = shipped("ready");
    supervised.order(shipped, 1, supervised.runtime("next", "hang"), Limits.SHORT);
    supervised.awaitHeard(shipped, "started 1");
    supervised.order(shipped, 2, supervised.runtime("more", "ready"), Limits.SHORT);
    supervised.awaitHeard(shipped, "failed 2 0 another generation is on its way");
  }

  @Test
  void generations_only_grow() throws Exception {
    Path shipped = shipped("ready");
    supervised.order(shipped, 0, supervised.runtime("next", "ready"), Limits.SHORT);
    supervised.awaitHeard(shipped, "failed 0 0 it is not above the present generation 0");
    supervised.say(shipped, "start nonsense\n");
    supervised.awaitHeard(shipped, "failed 0 0 not understood: nonsense");
  }

  @Test
  void what_does_not_fit_the_containers_memory_is_refused_with_the_figures() throws Exception {
    supervised.limit("memory.max", "200000000\n");
    supervised.limit("memory.current", "150000000\n");
    supervised.limit("memory.stat", "anon 100000000\ninactive_file 30000000\n");
    Path shipped = shipped("ready");
    Path next = supervised.runtime("next", "ready");
    supervised.order(shipped, 1, next, new Limits(20_000, 20_000, 300, 80_000_001));
    supervised.awaitHeard(
        shipped,
        "failed 1 0 memory: 120000000 bytes of the limit 200000000 are in use, and the new process"
            + " needs 80000001 more beside the old one");
    assertThat(supervised.pids(next)).isEmpty();
    supervised.order(shipped, 2, next, new Limits(20_000, 20_000, 300, 80_000_000));
    supervised.awaitHeard(next, "settled 2 ");
  }

  @Test
  void without_a_limit_everything_fits() throws Exception {
    supervised.limit("memory.max", "max\n");
    supervised.limit("memory.current", "150000000\n");
    Path shipped = shipped("ready");
    Path next = supervised.runtime("next", "ready");
    supervised.order(shipped, 1, next, new Limits(20_000, 20_000, 300, Long.MAX_VALUE / 2));
    supervised.awaitHeard(next, "settled 1 ");
  }

  @Test
  void a_container_that_is_started_again_runs_what_it_ran_last() throws Exception {
    Path shipped = shipped("ready");
    Path next = supervised.runtime("next", "ready");
    supervised.order(shipped, 1, next, Limits.SHORT);
    supervised.awaitHeard(next, "settled 1 ");
    supervised.process().destroyForcibly().waitFor();
    // Nothing outlives the supervisor.
    Supervised.awaitEnd(supervised.pids(next).getFirst());
    supervised.restart(shipped);
    supervised.awaitLives(next, 2);
    assertThat(supervised.pids(shipped)).hasSize(1);
    assertThat(supervised.environment(next)).endsWith("h.1\n");
  }

  @Test
  void what_ran_last_and_does_not_start_again_gives_way_to_what_was_shipped() throws Exception {
    Path shipped = shipped("ready");
    Path next = supervised.runtime("next", "ready");
    supervised.order(shipped, 1, next, Limits.SHORT);
    supervised.awaitHeard(next, "settled 1 ");
    supervised.process().destroyForcibly().waitFor();
    Files.writeString(next.resolve("behaviour"), "crash");
    supervised.restart(shipped);
    supervised.awaitLives(next, 2);
    supervised.awaitLives(shipped, 2);
  }

  @Test
  void what_ran_last_and_hung_when_the_container_was_restarted_is_not_tried_again()
      throws Exception {
    Path shipped = shipped("ready");
    Path next = supervised.runtime("next", "ready");
    supervised.order(shipped, 1, next, Limits.SHORT);
    supervised.awaitHeard(next, "settled 1 ");
    supervised.process().destroyForcibly().waitFor();
    Files.writeString(next.resolve("behaviour"), "hang");
    supervised.restart(shipped);
    supervised.awaitLives(next, 2);
    supervised.process().destroyForcibly().waitFor();
    supervised.restart(shipped);
    supervised.awaitLives(shipped, 2);
    assertThat(supervised.pids(next)).hasSize(2);
  }

  @Test
  void a_runtime_that_dies_is_started_again() throws Exception {
    Path shipped = shipped("ready");
    await().atMost(Supervised.PATIENCE).until(() -> !supervised.environment(shipped).isEmpty());
    supervised.order(shipped, 1, supervised.runtime("next", "crash"), Limits.SHORT);
    supervised.awaitHeard(shipped, "failed 1 ");
    kill(supervised.pids(shipped).getFirst());
    supervised.awaitLives(shipped, 2);
    assertThat(supervised.process().isAlive()).isTrue();
  }

  @Test
  void one_that_dies_again_and_again_is_given_up_with_its_code() throws Exception {
    shipped("ready-crash");
    assertThat(supervised.exitCode()).isEqualTo(4);
    assertThat(supervised.log()).contains("deaths in a row: giving up");
  }

  @Test
  void what_was_shipped_and_does_not_start_ends_the_container_with_its_code() throws Exception {
    shipped("crash");
    assertThat(supervised.exitCode()).isEqualTo(3);
  }

  @Test
  void a_runtime_that_has_done_its_work_ends_the_container_well() throws Exception {
    shipped("ready-exit");
    assertThat(supervised.exitCode()).isZero();
  }

  @Test
  void sigterm_reaches_the_runtime_and_the_container_ends_well() throws Exception {
    Path shipped = shipped("ready");
    await().atMost(Supervised.PATIENCE).until(() -> !supervised.environment(shipped).isEmpty());
    awaitTalking(shipped);
    supervised.process().destroy();
    assertThat(supervised.exitCode()).isZero();
    assertThat(supervised.heard(shipped)).endsWith("TERM\n");
    assertThat(folder.resolve("state/run/s")).doesNotExist();
  }

  /** It has been answered, so its handlers are there. */
  private void awaitTalking(Path runtime) throws Exception {
    supervised.say(runtime, "start nonsense\n");
    supervised.awaitHeard(runtime, "not understood");
  }

  @Test
  void sigterm_reaches_both_while_one_takes_over() throws Exception {
    Path shipped = shipped("ready");
    Path next = supervised.runtime("next", "ready");
    supervised.order(shipped, 1, next, new Limits(20_000, 60_000, 60_000, 0));
    supervised.awaitHeard(shipped, "retire");
    awaitTalking(next);
    supervised.process().destroy();
    assertThat(supervised.exitCode()).isZero();
    assertThat(supervised.heard(shipped)).endsWith("TERM\n");
    assertThat(supervised.heard(next)).endsWith("TERM\n");
  }

  @Test
  void one_that_is_deaf_to_sigterm_is_ended_after_the_grace() throws Exception {
    Path shipped = supervised.runtime("shipped", "deaf");
    supervised.start(shipped, "--grace", "300");
    supervised.awaitLives(shipped, 1);
    awaitTalking(shipped);
    supervised.process().destroy();
    assertThat(supervised.exitCode()).isEqualTo(137);
  }

  @Test
  void one_that_does_not_leave_is_ended_after_its_drain() throws Exception {
    Path shipped = shipped("slow-leave");
    Path next = supervised.runtime("next", "ready");
    supervised.order(shipped, 1, next, new Limits(20_000, 100, 100, 0));
    supervised.awaitHeard(shipped, "leave\n");
    Supervised.awaitEnd(supervised.pids(shipped).getFirst());
    assertThat(supervised.process().isAlive()).isTrue();
  }

  @Test
  void orphans_are_reaped() throws Exception {
    Path shipped = shipped("orphan");
    await()
        .atMost(Supervised.PATIENCE)
        .until(() -> !Supervised.read(shipped.resolve("orphans")).isEmpty());
    long orphan = Long.parseLong(Supervised.read(shipped.resolve("orphans")).strip());
    // A zombie counts as alive for the kernel: its folder in /proc goes when it is reaped.
    await()
        .atMost(Supervised.PATIENCE)
        .until(() -> !Files.exists(Path.of("/proc", Long.toString(orphan))));
    assertThat(supervised.process().isAlive()).isTrue();
  }

  @Test
  void who_is_no_runtime_of_its_own_is_not_heard() throws Exception {
    Path shipped = shipped("ready");
    awaitTalking(shipped);
    try (var stranger =
        java.nio.channels.SocketChannel.open(
            java.net.UnixDomainSocketAddress.of(folder.resolve("state/run/s")))) {
      stranger.write(
          java.nio.ByteBuffer.wrap(
              ("start 1 1000 1000 1000 0 " + supervised.runtime("next", "ready") + "\n")
                  .getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
      assertThat(stranger.read(java.nio.ByteBuffer.allocate(1))).isEqualTo(-1);
    } catch (java.io.IOException cut) {
      assertThat(cut).hasMessageMatching("(?i).*(broken pipe|reset).*");
    }
    assertThat(supervised.pids(folder.resolve("next"))).isEmpty();
  }

  @Test
  void it_is_small() throws Exception {
    Path shipped = shipped("ready");
    awaitTalking(shipped);
    Path status = Path.of("/proc", Long.toString(supervised.process().pid()), "status");
    List<String> resident =
        Files.readAllLines(status).stream().filter(line -> line.startsWith("VmRSS")).toList();
    System.err.println("supervisor " + resident);
    long kib = Long.parseLong(resident.getFirst().replaceAll("[^0-9]", ""));
    assertThat(kib).isLessThan(MOST_RESIDENT_KIB);
  }
}
