package dev.meshctl.model.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WavesTest {
  private static List<Integer> sizes(String waves, int proxies) {
    List<String> all = IntStream.range(0, proxies).mapToObj(i -> "p" + i).toList();
    return Waves.parse(waves).of(all, p -> p).stream().map(List::size).toList();
  }

  @Test
  void totals_grow_to_all() {
    assertThat(sizes("1,10%,50%,100%", 40)).containsExactly(1, 3, 16, 20);
    assertThat(sizes("1,10%,50%,100%", 10)).containsExactly(1, 4, 5);
    assertThat(sizes("1,10%,50%,100%", 1)).containsExactly(1);
    assertThat(sizes("2", 5)).as("the rest is the last wave").containsExactly(2, 3);
    assertThat(sizes("100%", 5)).containsExactly(5);
  }

  @Test
  void replicas_of_one_workload_are_spread_over_the_waves() {
    List<List<String>> waves =
        Waves.parse("2,4").of(List.of("a1", "a2", "b1", "b2", "b3"), p -> p.substring(0, 1));

    assertThat(waves).containsExactly(List.of("a1", "b1"), List.of("a2", "b2"), List.of("b3"));
  }

  @Property(seed = "42", tries = 300)
  void each_proxy_is_in_one_wave_and_no_wave_is_empty(
      @ForAll @IntRange(min = 1, max = 60) int proxies,
      @ForAll @IntRange(min = 1, max = 100) int percent,
      @ForAll @IntRange(min = 1, max = 70) int first) {
    List<String> all = IntStream.range(0, proxies).mapToObj(i -> "p" + i).toList();

    List<List<String>> waves =
        Waves.parse(first + "," + percent + "%").of(all, p -> "w" + p.length());

    List<String> shared = new ArrayList<>();
    waves.forEach(shared::addAll);
    assertThat(waves).noneMatch(List::isEmpty);
    assertThat(shared).hasSameSizeAs(all);
    assertThat(new HashSet<>(shared)).isEqualTo(new HashSet<>(all));
    assertThat(waves.getFirst())
        .hasSizeLessThanOrEqualTo(Math.max(first, percent * proxies / 100 + 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1", "101%", "0%", "ten", "1,,2", "1%%"})
  void what_is_no_number_and_no_percentage_is_refused(String waves) {
    assertThatThrownBy(() -> Waves.parse(waves))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: numbers from 1");
  }
}
