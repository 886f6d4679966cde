package dev.meshctl.model.patch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.patch.PatchEvent.Verdict;
import dev.meshctl.model.patch.PatchPlan.Undo;
import dev.meshctl.model.patch.PatchState.Phase;
import dev.meshctl.model.patch.PatchState.Standing;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.xds.RuntimeOrder;
import dev.meshctl.model.xds.RuntimeOrder.Target;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PatchStateTest {
  private static final RunningRuntime OLD = new RunningRuntime("1.0", "");
  private static final RunningRuntime NEW = new RunningRuntime("1.1", "ab".repeat(32));
  private static final Duration LONG = Duration.ofHours(1);

  private long now = 1_000_000;
  private PatchState patch = begun(Undo.ALL, "a", "b,c", "d");

  private PatchState begun(Undo undo, String... waves) {
    return begun(PatchPlan.Pace.usual(), undo, waves);
  }

  private PatchState begun(PatchPlan.Pace pace, Undo undo, String... waves) {
    List<List<String>> proxies =
        List.of(waves).stream().map(wave -> List.of(wave.split(","))).toList();
    Map<String, RunningRuntime> before = new HashMap<>();
    proxies.forEach(wave -> wave.forEach(proxy -> before.put(proxy, OLD)));
    return PatchState.begun(
        new PatchPlan(
            "p1",
            NEW,
            proxies,
            before,
            Map.of("a", 4L),
            RuntimeOrder.Limits.DEFAULT,
            Gate.DEFAULT,
            Duration.ofSeconds(30),
            undo,
            pace),
        now);
  }

  private void hear(PatchEvent event) {
    patch = patch.next(event, now);
  }

  private void after(Duration time) {
    now += time.toMillis();
    hear(new PatchEvent.Ticked());
  }

  private void report(String proxy, Stage stage, RunningRuntime running, String reason) {
    long generation = patch.order(proxy).map(RuntimeOrder::generation).orElse(0L);
    hear(
        new PatchEvent.Reported(
            new RuntimeReport(
                proxy,
                generation,
                stage,
                running.version(),
                running.digest(),
                reason,
                0,
                Duration.ZERO)));
  }

  private void follow(String... proxies) {
    for (String proxy : proxies) {
      report(proxy, Stage.FETCHING, OLD, "");
      report(proxy, Stage.DONE, NEW, "");
    }
  }

  private void goBack(String... proxies) {
    for (String proxy : proxies) {
      report(proxy, Stage.DONE, OLD, "");
    }
  }

  private List<String> ordered() {
    return patch.standing(Standing.ORDERED);
  }

  @Test
  void wave_after_wave_until_all_run_it() {
    assertThat(ordered()).containsExactly("a");
    follow("a");
    assertThat(patch.phase()).isEqualTo(Phase.SOAKING);
    after(Duration.ofSeconds(29));
    assertThat(ordered()).as("the gate looks on").isEmpty();
    after(Duration.ofSeconds(1));
    assertThat(ordered()).containsExactly("b", "c");
    follow("b");
    after(Duration.ofSeconds(60));
    assertThat(ordered()).as("not before all of the wave").containsExactly("c");
    follow("c");
    after(Duration.ofSeconds(30));
    follow("d");
    after(Duration.ofSeconds(30));

    assertThat(patch.phase()).isEqualTo(Phase.DONE);
    assertThat(patch.standing(Standing.PATCHED)).containsExactly("a", "b", "c", "d");
  }

  @Test
  void of_a_wave_so_many_begin_on_each_node_and_the_next_once_one_of_them_serves() {
    Map<String, String> nodes = Map.of("a", "n1", "b", "n1", "c", "n1", "d", "n2");
    patch = begun(new PatchPlan.Pace(2, nodes), Undo.ALL, "a,b,c,d");
    assertThat(ordered()).containsExactly("a", "b", "d");

    report("b", Stage.STARTING, OLD, "");
    assertThat(ordered()).containsExactly("a", "b", "d");
    report("b", Stage.WATCHING, NEW, "");
    assertThat(ordered()).as("it serves, though it is watched").containsExactly("a", "b", "c", "d");
    follow("a", "b", "d");
    assertThat(patch.phase()).isEqualTo(Phase.ROLLING);
    follow("c");
    assertThat(patch.phase()).isEqualTo(Phase.SOAKING);
  }

  @Test
  void one_that_could_not_follow_spares_those_of_its_wave_that_have_not_begun() {
    patch = begun(new PatchPlan.Pace(1, Map.of()), Undo.ALL, "a,b,c");
    report("a", Stage.FAILED, OLD, "it ended with 134");

    assertThat(patch.phase()).isEqualTo(Phase.RETURNED);
    assertThat(patch.standing(Standing.WAITING)).containsExactly("b", "c");
    assertThat(patch.order("b")).isEmpty();
  }

  @Test
  void while_it_is_paused_none_of_the_wave_begins() {
    patch = begun(new PatchPlan.Pace(1, Map.of()), Undo.ALL, "a,b");
    hear(new PatchEvent.Paused());
    follow("a");
    assertThat(ordered()).isEmpty();

    hear(new PatchEvent.Resumed());
    assertThat(ordered()).containsExactly("b");
  }

  @Test
  void one_that_is_away_takes_nobody_s_place() {
    patch = begun(new PatchPlan.Pace(1, Map.of()), Undo.ALL, "a,b,c");
    hear(new PatchEvent.Connected("a", false));
    assertThat(ordered()).containsExactly("a", "b");

    hear(new PatchEvent.Connected("c", false));
    assertThat(ordered()).as("it hears of it when it is back").containsExactly("a", "b", "c");
  }

  @Test
  void an_order_goes_on_from_the_generations_that_a_proxy_has_heard_of() {
    assertThat(patch.order("a"))
        .contains(
            new RuntimeOrder(
                5,
                "p1",
                new Target.Bundle("1.1", NEW.digest(), false),
                RuntimeOrder.Limits.DEFAULT));
    assertThat(patch.order("b")).as("its wave has not begun").isEmpty();
    assertThat(patch.order("z")).isEmpty();
  }

  @Test
  void one_that_could_not_follow_takes_all_back_and_says_why() {
    follow("a");
    after(Duration.ofSeconds(30));
    follow("c");
    report("b", Stage.FAILED, OLD, "it ended with 134");

    assertThat(patch.phase()).isEqualTo(Phase.RETURNING);
    assertThat(patch.problem()).isEqualTo("b: it ended with 134");
    assertThat(patch.standing(Standing.RETURNING)).containsExactly("a", "c");
    assertThat(patch.order("a").orElseThrow())
        .isEqualTo(
            new RuntimeOrder(6, "p1", new Target.Shipped("1.0"), RuntimeOrder.Limits.DEFAULT));
    goBack("a", "c");
    assertThat(patch.phase()).isEqualTo(Phase.RETURNED);
    assertThat(patch.standing(Standing.BEFORE)).containsExactly("a", "b", "c");
    assertThat(patch.standing(Standing.WAITING)).as("never touched").containsExactly("d");
  }

  @Test
  void where_the_wave_alone_goes_back_those_before_it_stay() {
    patch = begun(Undo.WAVE, "a", "b,c", "d");
    follow("a");
    after(Duration.ofSeconds(30));
    follow("b");
    report("c", Stage.ROLLED_BACK, OLD, "it died");

    assertThat(patch.standing(Standing.RETURNING)).containsExactly("b");
    goBack("b");
    assertThat(patch.phase()).isEqualTo(Phase.RETURNED);
    assertThat(patch.standing(Standing.PATCHED)).containsExactly("a");
  }

  @Test
  void a_gate_that_trips_takes_back_whatever_it_finds_under_way() {
    hear(new PatchEvent.Judged(new Verdict.Well()));
    assertThat(patch.phase()).isEqualTo(Phase.ROLLING);
    follow("a");
    hear(new PatchEvent.Judged(new Verdict.Ill("success 96.1% (expected: 99.9%)")));

    assertThat(patch.problem()).isEqualTo("the gate: success 96.1% (expected: 99.9%)");
    goBack("a");
    assertThat(patch.phase()).isEqualTo(Phase.RETURNED);
    hear(new PatchEvent.Judged(new Verdict.Ill("late")));
    assertThat(patch.problem()).as("what is over stays").doesNotContain("late");
  }

  @Test
  void one_that_is_late_has_failed() {
    report("a", Stage.STARTING, OLD, "");
    after(LONG);

    assertThat(patch.phase()).isEqualTo(Phase.RETURNING);
    assertThat(patch.problem()).isEqualTo("a: it did not get further than STARTING in time");
    after(LONG);
    assertThat(patch.phase()).as("nobody waits for ever").isEqualTo(Phase.RETURNED);
    assertThat(patch.standing(Standing.STUCK)).containsExactly("a");
  }

  @Test
  void one_that_went_away_before_it_began_holds_nobody_up() {
    hear(new PatchEvent.Connected("a", false));
    after(LONG);

    assertThat(patch.standing(Standing.GONE)).containsExactly("a");
    assertThat(patch.phase()).isEqualTo(Phase.SOAKING);
  }

  @Test
  void one_whose_place_another_has_taken_is_not_waited_for_on_the_way_or_back() {
    report("a", Stage.HANDING_OVER, OLD, "");
    hear(new PatchEvent.Gone("a"));
    assertThat(patch.standing(Standing.GONE)).containsExactly("a");
    assertThat(patch.phase()).isEqualTo(Phase.SOAKING);

    after(LONG);
    hear(new PatchEvent.TakenBack("asked for"));
    patch.standing(Standing.RETURNING).forEach(proxy -> hear(new PatchEvent.Gone(proxy)));
    assertThat(patch.phase()).isEqualTo(Phase.RETURNED);
  }

  @Test
  void one_that_goes_away_in_the_middle_of_it_has_failed() {
    report("a", Stage.HANDING_OVER, OLD, "");
    hear(new PatchEvent.Connected("a", false));
    after(LONG);

    assertThat(patch.phase()).isEqualTo(Phase.RETURNING);
  }

  @Test
  void one_that_is_taken_back_by_its_supervisor_while_the_gate_looks_on_has_failed() {
    follow("a");
    report("a", Stage.ROLLED_BACK, OLD, "it died after 12 s");
    after(Duration.ofSeconds(1));
    after(Duration.ofSeconds(60));

    assertThat(patch.standing(Standing.BEFORE)).containsExactly("a");
    assertThat(patch.phase()).isEqualTo(Phase.RETURNED);
    assertThat(patch.problem()).isEqualTo("a: it died after 12 s");
  }

  @Test
  void a_patch_that_rests_begins_no_wave_and_still_goes_back_where_it_must() {
    hear(new PatchEvent.Paused());
    follow("a");
    after(LONG);
    assertThat(patch.phase()).isEqualTo(Phase.PAUSED);
    hear(new PatchEvent.Resumed());
    after(Duration.ofSeconds(30));
    assertThat(ordered()).containsExactly("b", "c");
    hear(new PatchEvent.Paused());
    report("b", Stage.FAILED, OLD, "no room");

    assertThat(patch.phase()).isEqualTo(Phase.RETURNING);
  }

  @Test
  void an_operator_takes_back_one_that_is_done() {
    patch = begun(Undo.WAVE, "a", "b");
    follow("a");
    after(Duration.ofSeconds(30));
    follow("b");
    after(Duration.ofSeconds(30));
    assertThat(patch.phase()).isEqualTo(Phase.DONE);

    hear(new PatchEvent.TakenBack("asked for"));

    assertThat(patch.standing(Standing.RETURNING)).containsExactly("a", "b");
    goBack("a", "b");
    assertThat(patch.phase()).isEqualTo(Phase.RETURNED);
    assertThat(patch.order("b").orElseThrow().target()).isEqualTo(new Target.Shipped("1.0"));
  }

  @Test
  void what_a_proxy_says_of_an_earlier_order_settles_nothing() {
    hear(
        new PatchEvent.Reported(
            new RuntimeReport("a", 4, Stage.DONE, "1.0", "", "", 0, Duration.ZERO)));

    assertThat(ordered()).containsExactly("a");
  }
}
