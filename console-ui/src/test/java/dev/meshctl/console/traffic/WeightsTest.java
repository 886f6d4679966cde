package dev.meshctl.console.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class WeightsTest {
  @Property(seed = "42")
  void shares_always_add_up_to_a_hundred(
      @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 1000) Integer> weights,
      @ForAll @IntRange(max = 5) int index,
      @ForAll @IntRange(min = -20, max = 120) int value) {
    List<Integer> shares = Weights.percent(weights);
    assertThat(shares.stream().mapToInt(Integer::intValue).sum()).isEqualTo(100);
    List<Integer> moved = Weights.moved(shares, index % shares.size(), value);
    assertThat(moved.stream().mapToInt(Integer::intValue).sum()).isEqualTo(100);
    assertThat(moved).allMatch(share -> share >= 0 && share <= 100);
    if (shares.size() > 1) {
      assertThat(moved.get(index % shares.size())).isEqualTo(Math.clamp(value, 0, 100));
    }
  }

  @Test
  void the_others_give_in_proportion_to_what_they_have() {
    assertThat(Weights.moved(List.of(60, 30, 10), 2, 40)).containsExactly(40, 20, 40);
  }

  @Test
  void those_with_nothing_share_what_is_given_up_equally() {
    assertThat(Weights.moved(List.of(100, 0, 0), 0, 50)).containsExactly(50, 25, 25);
  }

  @Test
  void weights_are_read_as_proportions() {
    assertThat(Weights.percent(List.of(1, 1, 1))).containsExactly(34, 33, 33);
    assertThat(Weights.percent(List.of(0, 0))).containsExactly(100, 0);
  }
}
