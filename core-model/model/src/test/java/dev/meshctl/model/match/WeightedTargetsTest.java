package dev.meshctl.model.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WeightedTargetsTest {
  private static final int THROWS = 20_000;

  /** Five standard deviations: beyond them once in two million, and the seed is fixed. */
  private static final double DEVIATIONS = 5;

  @Property(seed = "42", tries = 200, edgeCases = EdgeCasesMode.NONE)
  void each_target_is_picked_in_proportion_to_its_weight(
      @ForAll("weights") List<Integer> weights, @ForAll long seed) {
    WeightedTargets targets = WeightedTargets.compile(clusters(weights));
    SplittableRandom dice = new SplittableRandom(seed);
    long[] picked = new long[weights.size()];
    for (int i = 0; i < THROWS; i++) {
      picked[targets.pick(dice).index()]++;
    }

    long total = weights.stream().mapToLong(Integer::longValue).sum();
    for (int i = 0; i < picked.length; i++) {
      double share = (double) weights.get(i) / total;
      double bound = DEVIATIONS * Math.sqrt(THROWS * share * (1 - share));
      assertThat((double) picked[i])
          .as("picks of weight %d of %s", weights.get(i), weights)
          .isBetween(THROWS * share - bound, THROWS * share + bound);
      assertThat(targets.share(targets.all().get(i))).isEqualTo(share);
    }
  }

  @Provide
  Arbitrary<List<Integer>> weights() {
    return Arbitraries.oneOf(
            Arbitraries.integers().between(0, 100),
            Arbitraries.just(Integer.MAX_VALUE),
            Arbitraries.just(0))
        .list()
        .ofMinSize(1)
        .ofMaxSize(6)
        .filter(all -> all.stream().anyMatch(weight -> weight > 0));
  }

  @Property(seed = "43", tries = 60, edgeCases = EdgeCasesMode.NONE)
  void keys_fall_in_proportion_to_the_weights(
      @ForAll("weights") List<Integer> weights, @ForAll long seed) {
    WeightedTargets targets = WeightedTargets.compile(clusters(weights));
    SplittableRandom keys = new SplittableRandom(seed);
    long[] picked = new long[weights.size()];
    for (int i = 0; i < THROWS; i++) {
      picked[targets.pickBy(keys.nextLong()).index()]++;
    }
    for (int i = 0; i < picked.length; i++) {
      double share = targets.share(targets.all().get(i));
      double bound = DEVIATIONS * Math.sqrt(THROWS * share * (1 - share));
      assertThat((double) picked[i])
          .as("keys of weight %d of %s", weights.get(i), weights)
          .isBetween(THROWS * share - bound, THROWS * share + bound);
    }
  }

  @Property(seed = "44", tries = 60, edgeCases = EdgeCasesMode.NONE)
  void between_two_versions_only_the_difference_moves_and_only_one_way(
      @ForAll @IntRange(min = 0, max = 100) int before,
      @ForAll @IntRange(min = 0, max = 100) int after,
      @ForAll long seed) {
    WeightedTargets old = WeightedTargets.compile(clusters(List.of(100 - before, before)));
    WeightedTargets now = WeightedTargets.compile(clusters(List.of(100 - after, after)));
    SplittableRandom keys = new SplittableRandom(seed);
    int moved = 0;
    for (int i = 0; i < THROWS; i++) {
      long key = keys.nextLong();
      int from = old.pickBy(key).index();
      int to = now.pickBy(key).index();
      if (from != to) {
        moved++;
        assertThat(to).as("who grew").isEqualTo(after > before ? 1 : 0);
      }
    }
    double must = Math.abs(after - before) / 100.0;
    double bound = DEVIATIONS * Math.sqrt(THROWS * must * (1 - must));
    assertThat((double) moved).isBetween(THROWS * must - bound, THROWS * must + bound);
  }

  @Property(seed = "45", tries = 60, edgeCases = EdgeCasesMode.NONE)
  void among_many_versions_no_more_moves_than_stateless_splits_must(
      @ForAll("pairs") List<List<Integer>> pairs, @ForAll long seed) {
    List<Integer> weights = pairs.stream().map(List::getFirst).toList();
    List<Integer> others = pairs.stream().map(List::getLast).toList();
    WeightedTargets old = WeightedTargets.compile(clusters(weights));
    WeightedTargets now = WeightedTargets.compile(clusters(others));
    SplittableRandom keys = new SplittableRandom(seed);
    int moved = 0;
    for (int i = 0; i < THROWS; i++) {
      long key = keys.nextLong();
      int from = old.pickBy(key).index();
      int to = now.pickBy(key).index();
      if (from != to) {
        moved++;
        assertThat((long) others.get(to) * weights.get(from))
            .as("%d grew against %d", to, from)
            .isGreaterThan((long) weights.get(to) * others.get(from));
      }
    }
    double distance = 0;
    for (int i = 0; i < weights.size(); i++) {
      distance += Math.abs(old.share(old.all().get(i)) - now.share(now.all().get(i))) / 2;
    }
    double most = 2 * distance / (1 + distance);
    assertThat((double) moved)
        .isLessThanOrEqualTo(THROWS * most + DEVIATIONS * Math.sqrt(THROWS * most * (1 - most)));
  }

  @Provide
  Arbitrary<List<List<Integer>>> pairs() {
    return Arbitraries.integers().between(1, 100).list().ofSize(2).list().ofMinSize(2).ofMaxSize(6);
  }

  @Test
  void the_order_of_the_targets_decides_nothing() {
    List<WeightedCluster> clusters = clusters(List.of(20, 30, 50));
    WeightedTargets one = WeightedTargets.compile(clusters);
    WeightedTargets other = WeightedTargets.compile(clusters.reversed());

    for (long key = 0; key < 1000; key++) {
      assertThat(one.pickBy(key).cluster()).isEqualTo(other.pickBy(key).cluster());
    }
  }

  @Test
  void without_a_choice_no_dice_are_thrown() {
    WeightedTargets one = WeightedTargets.compile(clusters(List.of(7)));

    SplittableRandom dice = new SplittableRandom(1);
    SplittableRandom same = new SplittableRandom(1);
    one.pick(dice);

    assertThat(dice.nextLong()).isEqualTo(same.nextLong());
  }

  @Test
  void weights_that_are_all_zero_are_refused() {
    assertThatThrownBy(() -> WeightedTargets.compile(clusters(List.of(0, 0))))
        .hasMessage("sum of weights: 0 (expected: >= 1)");
  }

  private static List<WeightedCluster> clusters(List<Integer> weights) {
    List<WeightedCluster> clusters = new ArrayList<>();
    for (int i = 0; i < weights.size(); i++) {
      clusters.add(new WeightedCluster("c" + i, weights.get(i), Headers.NONE));
    }
    return clusters;
  }
}
