package dev.meshctl.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinomialBoundTest {
  /** Reference: R's qbinom(0.025, n, p) and qbinom(0.975, n, p). */
  @ParameterizedTest
  @CsvSource({
    "10, 0.5, 2, 8",
    "100, 0.5, 40, 60",
    "100, 0.1, 5, 16",
    "1000, 0.9, 881, 918",
    "20, 0.3, 2, 10"
  })
  void the_central_95_percent_are_those_of_the_quantile_function(
      long trials, double share, long least, long most) {
    BinomialBound bound = BinomialBound.of(trials, share, 0.95);

    assertThat(bound.least()).isEqualTo(least);
    assertThat(bound.most()).isEqualTo(most);
  }

  @Test
  void a_share_of_nothing_or_all_leaves_no_room() {
    assertThat(BinomialBound.of(500, 0, 0.9999).holds(0)).isTrue();
    assertThat(BinomialBound.of(500, 0, 0.9999).holds(1)).isFalse();
    assertThat(BinomialBound.of(500, 1, 0.9999).holds(500)).isTrue();
    assertThat(BinomialBound.of(500, 1, 0.9999).holds(499)).isFalse();
  }

  @Test
  void many_trials_do_not_underflow() {
    BinomialBound bound = BinomialBound.of(2_000_000, 0.5, 0.9999);

    // Four standard deviations of 707, nearly: the normal quantile of 0.99995 is 3.89.
    assertThat(bound.least()).isBetween(997_200L, 997_300L);
    assertThat(bound.most()).isBetween(1_002_700L, 1_002_800L);
  }

  @Test
  void fair_draws_stay_within_and_unfair_ones_do_not() {
    Random dice = new Random(42);
    int outside = 0;
    for (int run = 0; run < 2_000; run++) {
      if (!BinomialBound.of(300, 0.1, 0.9999).holds(draws(dice, 300, 0.1))) {
        outside++;
      }
    }
    assertThat(outside).isLessThanOrEqualTo(2);
    assertThat(BinomialBound.of(300, 0.1, 0.9999).holds(draws(dice, 300, 0.3))).isFalse();
  }

  private static long draws(Random dice, int trials, double share) {
    return dice.doubles(trials).filter(x -> x < share).count();
  }
}
