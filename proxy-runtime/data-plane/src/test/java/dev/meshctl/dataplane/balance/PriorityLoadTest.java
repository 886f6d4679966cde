package dev.meshctl.dataplane.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.meshctl.dataplane.balance.PriorityLoad.Level;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriorityLoadTest {
  /** Envoy's table of two priorities: healthy percent of each, then the traffic of each. */
  @ParameterizedTest
  @CsvSource({
    "100, 100, 100, 0",
    "72, 72, 100, 0",
    "71, 71, 99, 1",
    "50, 50, 70, 30",
    "25, 100, 35, 65",
    "25, 25, 50, 50",
  })
  void load_spills_as_envoy_documents(int first, int second, int toFirst, int toSecond) {
    PriorityLoad load =
        PriorityLoad.of(List.of(new Level(100, first), new Level(100, second)), 1.4, 0);

    assertThat(load.shares().getFirst() * 100).isCloseTo(toFirst, within(1.0));
    assertThat(load.shares().getLast() * 100).isCloseTo(toSecond, within(1.0));
  }

  /** Envoy's table of the panic threshold of 50 percent. */
  @ParameterizedTest
  @CsvSource({
    "72, 72, false, false", "71, 71, false, false", "50, 60, false, false",
    "25, 65, false, false", "5, 65, true, false", "25, 25, true, true",
  })
  void a_priority_panics_only_where_all_together_are_not_enough(
      int first, int second, boolean firstPanics, boolean secondPanics) {
    PriorityLoad load =
        PriorityLoad.of(List.of(new Level(100, first), new Level(100, second)), 1.4, 50);

    assertThat(load.panics()).containsExactly(firstPanics, secondPanics);
  }

  @Property(seed = "42", tries = 500, edgeCases = EdgeCasesMode.NONE)
  void shares_are_whole_and_nobody_takes_more_than_it_can_while_others_could(
      @ForAll("levels") List<Level> levels,
      @ForAll @IntRange(min = 100, max = 300) int overprovisioning,
      @ForAll @IntRange(min = 0, max = 100) int panicPercent) {
    double factor = overprovisioning / 100.0;
    PriorityLoad load = PriorityLoad.of(levels, factor, panicPercent);
    double sum = load.shares().stream().mapToDouble(Double::doubleValue).sum();
    boolean anyHealthy = levels.stream().anyMatch(level -> level.healthy() > 0);
    boolean anyPanics = load.panics().contains(true);

    if (anyHealthy) {
      assertThat(sum).isCloseTo(1, within(1e-9));
    }
    double total =
        levels.stream()
            .mapToDouble(level -> Math.min(1, factor * level.healthy() / level.hosts()))
            .sum();
    if (total >= 1) {
      assertThat(anyPanics).isFalse();
      for (int i = 0; i < levels.size(); i++) {
        double can = Math.min(1, factor * levels.get(i).healthy() / levels.get(i).hosts());
        assertThat(load.shares().get(i)).isLessThanOrEqualTo(can + 1e-9);
        double before =
            load.shares().subList(0, i + 1).stream().mapToDouble(Double::doubleValue).sum();
        // A later one takes something only where this one takes all it can.
        assertThat(before > 1 - 1e-9 || load.shares().get(i) > can - 1e-9).isTrue();
      }
    }
  }

  @Provide
  Arbitrary<List<Level>> levels() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 50), Arbitraries.integers().between(0, 100))
        .as((hosts, percent) -> new Level(hosts, hosts * percent / 100))
        .list()
        .ofMinSize(1)
        .ofMaxSize(4);
  }
}
