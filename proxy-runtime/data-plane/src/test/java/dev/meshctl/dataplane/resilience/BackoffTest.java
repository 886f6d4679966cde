package dev.meshctl.dataplane.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Property(seed = "42")
  void a_wait_is_never_longer_than_its_bound(
      @ForAll @LongRange(min = 1, max = 1_000_000_000) long base,
      @ForAll @IntRange(min = 1, max = 100) int factor,
      @ForAll @IntRange(min = 1, max = Integer.MAX_VALUE) int retry,
      @ForAll long seed) {
    Backoff backoff = new Backoff(base, base * factor);

    long wait = backoff.nextNanos(retry, new SplittableRandom(seed));

    double grown = base * (Math.pow(2, Math.min(retry, 62)) - 1);
    assertThat(wait).isBetween(0L, (long) Math.min(grown, (double) base * factor));
  }

  @Test
  void waits_are_spread_over_the_whole_range() {
    SplittableRandom dice = new SplittableRandom(42);
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < 1000; i++) {
      long wait = Backoff.DEFAULT.nextNanos(2, dice);
      least = Math.min(least, wait);
      most = Math.max(most, wait);
    }

    assertThat(least).isLessThan(1_000_000);
    assertThat(most).isBetween(74_000_000L, 75_000_000L);
  }

  @Test
  void a_bound_below_the_base_is_refused() {
    assertThatThrownBy(() -> new Backoff(2, 1))
        .hasMessage("base: 2, most: 1 (expected: 1 <= base <= most)");
  }
}
