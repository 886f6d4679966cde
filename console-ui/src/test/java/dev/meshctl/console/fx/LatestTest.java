package dev.meshctl.console.fx;

import static org.assertj.core.api.Assertions.assertThat;

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
}
