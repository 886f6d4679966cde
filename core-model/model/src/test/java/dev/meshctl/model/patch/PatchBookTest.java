package dev.meshctl.model.patch;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.patch.PatchBook.Beginning;
import dev.meshctl.model.patch.PatchPlan.Undo;
import dev.meshctl.model.patch.PatchState.Phase;
import dev.meshctl.model.patch.PatchState.Standing;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.xds.RuntimeOrder;
import dev.meshctl.model.xds.RuntimeOrder.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PatchBookTest {
  private static final RunningRuntime OLD = new RunningRuntime("1.0", "");
  private static final RunningRuntime NEW = new RunningRuntime("1.1", "ab".repeat(32));

  private static PatchPlan plan(
      String id, List<List<String>> waves, Map<String, Long> generations, Undo undo) {
    Map<String, RunningRuntime> before = new HashMap<>();
    waves.forEach(wave -> wave.forEach(proxy -> before.put(proxy, OLD)));
    return new PatchPlan(
        id,
        NEW,
        waves,
        before,
        generations,
        RuntimeOrder.Limits.DEFAULT,
        Gate.DEFAULT,
        Duration.ZERO,
        undo,
        PatchPlan.Pace.usual());
  }

  private static PatchBook begun(PatchBook book, PatchPlan plan) {
    return switch (book.begin(plan, 0)) {
      case Beginning.Begun(PatchBook next, PatchState patch) -> next;
      case Beginning.Refused(String why) -> throw new AssertionError(why);
    };
  }

  @Test
  void two_patches_of_one_proxy_are_never_under_way_at_once() {
    PatchBook book =
        begun(PatchBook.EMPTY, plan("p1", List.of(List.of("a"), List.of("b")), Map.of(), Undo.ALL));

    assertThat(book.begin(plan("p2", List.of(List.of("b", "c")), Map.of(), Undo.ALL), 0))
        .isEqualTo(
            new Beginning.Refused(
                "patch p1 is under way and concerns b too; wait for it, or take it back"));
    assertThat(book.begin(plan("p1", List.of(List.of("c")), Map.of(), Undo.ALL), 0))
        .isEqualTo(new Beginning.Refused("there is a patch p1 already"));
    assertThat(book.begin(plan("p3", List.of(List.of("c")), Map.of(), Undo.ALL), 0))
        .isInstanceOf(Beginning.Begun.class);
    PatchBook over = book.next("p1", new PatchEvent.TakenBack("asked for"), 1);
    over = over.next("p1", report("a", 2, Stage.DONE, OLD), 2);
    assertThat(over.patches().getFirst().phase()).isEqualTo(Phase.RETURNED);
    assertThat(over.begin(plan("p2", List.of(List.of("b")), over.generations(), Undo.ALL), 3))
        .isInstanceOf(Beginning.Begun.class);
  }

  @Test
  void the_newest_patch_has_the_word_and_its_generation_is_higher() {
    PatchBook book = begun(PatchBook.EMPTY, plan("p1", List.of(List.of("a")), Map.of(), Undo.ALL));
    book = book.next(report("a", 1, Stage.DONE, NEW), 1);
    assertThat(book.patches().getFirst().phase()).isEqualTo(Phase.DONE);
    assertThat(book.order("a").orElseThrow().generation())
        .as("one that starts anew comes to run it")
        .isEqualTo(1);

    book = begun(book, plan("p2", List.of(List.of("a")), book.generations(), Undo.ALL));

    assertThat(book.order("a").orElseThrow().generation()).isEqualTo(3);
    assertThat(book.order("a").orElseThrow().patch()).isEqualTo("p2");
  }

  private static PatchEvent report(String proxy, long generation, Stage stage, RunningRuntime on) {
    return new PatchEvent.Reported(
        new RuntimeReport(
            proxy, generation, stage, on.version(), on.digest(), "", 0, Duration.ZERO));
  }

  /**
   * A proxy as it should be: it follows the newest order that it hears of, or fails, at some pace;
   * it may die at any moment, and then runs what it ran last.
   */
  private static final class Sidecar {
    final String name;
    RunningRuntime runs = OLD;
    boolean connected = true;
    long followed;
    long following;
    Stage stage = Stage.RUNNING;
    Target target = new Target.Shipped("1.0");

    Sidecar(String name) {
      this.name = name;
    }

    void hear(Optional<RuntimeOrder> order) {
      if (connected
          && order.isPresent()
          && order.get().generation() > Math.max(followed, following)) {
        following = order.get().generation();
        target = order.get().target();
        stage = Stage.FETCHING;
      }
    }

    /** One step further; what it ran stays until it is done. */
    void work(boolean well) {
      if (following <= followed) {
        return;
      }
      Stage[] stages = Stage.values();
      if (!well) {
        stage = Stage.FAILED;
      } else if (stage.ordinal() < Stage.DONE.ordinal()) {
        stage = stages[stage.ordinal() + 1];
      }
      if (stage == Stage.DONE) {
        runs =
            switch (target) {
              case Target.Bundle(String version, String digest, boolean back) ->
                  new RunningRuntime(version, digest);
              case Target.Shipped(String version) -> new RunningRuntime(version, "");
            };
      }
      if (stage.settled()) {
        followed = following;
      }
    }

    /** Its container starts anew: it runs what it ran, and follows the order from the start. */
    void die() {
      if (following > followed) {
        following = followed;
        stage = Stage.RUNNING;
      }
    }

    PatchEvent says() {
      return report(name, Math.max(following, followed), stage, runs);
    }
  }

  @Property(seed = "42", tries = 1500)
  void whatever_dies_and_in_whichever_order_no_more_than_a_wave_moves_and_all_end_on_old_or_new(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 12) int proxies,
      @ForAll @IntRange(min = 0, max = 30) int failing,
      @ForAll boolean wholeBack) {
    Random dice = new Random(seed);
    Map<String, Sidecar> all = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < proxies; i++) {
      names.add("p" + i);
      all.put("p" + i, new Sidecar("p" + i));
    }
    List<List<String>> waves = Waves.parse("1,30%,60%").of(names, p -> p);
    long now = 0;
    PatchBook book =
        begun(PatchBook.EMPTY, plan("p", waves, Map.of(), wholeBack ? Undo.ALL : Undo.WAVE));

    for (int step = 0; step < 4000 && !book.patches().getFirst().phase().over(); step++) {
      now += dice.nextInt(20_000);
      Sidecar one = of(all, names.get(dice.nextInt(proxies)));
      switch (dice.nextInt(10)) {
        case 0 -> {
          one.connected = !one.connected;
          book = book.next(new PatchEvent.Connected(one.name, one.connected), now);
        }
        case 1 -> one.die();
        case 2 -> book = book.next(new PatchEvent.Ticked(), now);
        case 3 -> {
          // The control plane dies and another goes on with what was kept.
          book = new PatchBook(book.patches());
        }
        case 4 ->
            book =
                book.next(
                    "p",
                    dice.nextBoolean() ? new PatchEvent.Paused() : new PatchEvent.Resumed(),
                    now);
        default -> {
          one.hear(book.order(one.name));
          one.work(dice.nextInt(100) >= failing);
          if (one.connected) {
            book = book.next(one.says(), now);
          }
        }
      }
      check(book.patches().getFirst(), all);
    }

    PatchState end = settle(book, all, now).patches().getFirst();
    assertThat(end.phase().over()).as(end.toString()).isTrue();
    for (String proxy : names) {
      Sidecar sidecar = of(all, proxy);
      switch (requireNonNull(end.members().get(proxy)).standing()) {
        case PATCHED -> assertThat(sidecar.runs).isEqualTo(NEW);
        case BEFORE, WAITING -> assertThat(sidecar.runs).isEqualTo(OLD);
        case STUCK, GONE -> assertThat(sidecar.runs).isIn(OLD, NEW);
        case ORDERED, RETURNING -> throw new AssertionError(proxy + " is under way in " + end);
      }
    }
    if (end.phase() == Phase.RETURNED && wholeBack) {
      assertThat(end.standing(Standing.PATCHED)).as(end.toString()).isEmpty();
    }
  }

  /** Everybody is there again and works: it must come to its end in bounded time. */
  private static PatchBook settle(PatchBook begun, Map<String, Sidecar> all, long from) {
    PatchBook book = begun.next("p", new PatchEvent.Resumed(), from);
    long now = from;
    for (int round = 0; round < 400 && !book.patches().getFirst().phase().over(); round++) {
      now += 5_000;
      for (Sidecar each : all.values()) {
        each.connected = true;
        each.hear(book.order(each.name));
        each.work(true);
        book = book.next(each.says(), now);
      }
      book = book.next(new PatchEvent.Ticked(), now);
      check(book.patches().getFirst(), all);
    }
    return book;
  }

  private static Sidecar of(Map<String, Sidecar> all, String name) {
    return requireNonNull(all.get(name));
  }

  private static void check(PatchState patch, Map<String, Sidecar> all) {
    List<String> moving = patch.standing(Standing.ORDERED);
    Set<String> wave =
        patch.wave() < patch.plan().waves().size()
            ? Set.copyOf(patch.plan().waves().get(patch.wave()))
            : Set.of();
    assertThat(wave).as("only the wave moves").containsAll(moving);
    for (int later = patch.wave() + 1; later < patch.plan().waves().size(); later++) {
      for (String proxy : patch.plan().waves().get(later)) {
        assertThat(patch.order(proxy)).as("no order before its wave").isEmpty();
        assertThat(of(all, proxy).runs).isEqualTo(OLD);
      }
    }
    all.values().forEach(each -> assertThat(each.runs).isIn(OLD, NEW));
  }
}
