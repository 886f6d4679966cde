package dev.meshctl.console.fx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatestTest {
  private final ArrayDeque<Runnable> pulses = new ArrayDeque<>();
  private final List<Integer> seen = new ArrayList<>();
  private final Latest<Integer> latest = new Latest<>(pulses::add, seen::add);

  @Test
  void a_burst_becomes_one_update_with_the_newest() {
    for (int i = 0; i < 1000; i++) {
      latest.offer(i);
    }
    assertThat(pulses).hasSize(1);
    pulses.remove().run();
    assertThat(seen).containsExactly(999);
  }

  @Test
  void a_value_after_the_update_gets_one_of_its_own() {
    latest.offer(1);
    pulses.remove().run();
    latest.offer(2);
    pulses.remove().run();
    assertThat(seen).containsExactly(1, 2);
    assertThat(pulses).isEmpty();
  }

  @Test
  void a_value_that_comes_while_another_is_consumed_waits_for_its_end() {
    List<String> story = new ArrayList<>();
    List<Latest<Integer>> itself = new ArrayList<>();
    // An executor that has a thread free at once, as one with many threads does.
    itself.add(
        new Latest<>(
            Runnable::run,
            value -> {
              story.add("begin " + value);
              if (value == 1) {
                itself.getFirst().offer(2);
                itself.getFirst().offer(3);
              }
              story.add("end " + value);
            }));
    itself.getFirst().offer(1);
    assertThat(story).containsExactly("begin 1", "end 1", "begin 3", "end 3");
  }

  @Test
  void a_consumer_that_fails_does_not_keep_the_next_value_out() {
    List<Integer> taken = new ArrayList<>();
    Latest<Integer> fragile =
        new Latest<>(
            pulses::add,
            value -> {
              if (value == 1) {
                throw new IllegalStateException("one is refused");
              }
              taken.add(value);
            });
    fragile.offer(1);
    assertThatThrownBy(() -> pulses.remove().run()).hasMessage("one is refused");
    fragile.offer(2);
    pulses.remove().run();
    assertThat(taken).containsExactly(2);
  }
}
