package dev.meshctl.model.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.model.xds.RouteTableConfig.Headers;
import dev.meshctl.model.xds.WeightedCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
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
