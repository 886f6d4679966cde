package dev.meshctl.dataplane.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.xds.AdaptiveConcurrency;
import dev.meshctl.model.xds.AdaptiveConcurrency.MinRtt;
import java.time.Duration;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class GradientControllerTest {
  private static final long MILLI = 1_000_000;
  private static final int LEAST = 3;
  private static final int MOST = 200;

  private long now;

  private static AdaptiveConcurrency settings(Duration fixed) {
    return new AdaptiveConcurrency(
        true,
        503,
        50,
        MOST,
        Duration.ofMillis(100),
        new MinRtt(Duration.ofSeconds(60), fixed, 10, 15, LEAST, 25));
  }

  private GradientController controller(Duration fixed) {
    return new GradientController(settings(fixed), MOST, new SplittableRandom(42), now);
  }

  /** An interval in which {@code count} requests, one after another, take {@code rttNanos} each. */
  private void interval(GradientController controller, int count, long rttNanos) {
    for (int i = 0; i < count; i++) {
      assertThat(controller.start(now)).isTrue();
      controller.ended(rttNanos, now);
    }
    now += 101 * MILLI;
    assertThat(controller.start(now)).isTrue();
    controller.cancelled();
  }

  @Property(seed = "42", tries = 200)
  void never_more_are_outstanding_than_the_limit_nor_the_limit_beyond_its_ends(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 400) int steps) {
    SplittableRandom dice = new SplittableRandom(seed);
    GradientController controller =
        controller(dice.nextBoolean() ? Duration.ofMillis(5) : Duration.ZERO);
    int outstanding = 0;
    for (int i = 0; i < steps; i++) {
      now += dice.nextLong(40 * MILLI);
      int limit = controller.limit();
      assertThat(limit).isBetween(LEAST, MOST);
      switch (dice.nextInt(4)) {
        case 0, 1 -> {
          boolean started = controller.start(now);
          outstanding += started ? 1 : 0;
          if (started) {
            assertThat(outstanding).isLessThanOrEqualTo(controller.limit());
          }
        }
        case 2 -> {
          if (outstanding > 0) {
            outstanding--;
            controller.ended(1 + dice.nextLong(100 * MILLI), now);
          }
        }
        default -> {
          if (outstanding > 0) {
            outstanding--;
            controller.cancelled();
          }
        }
      }
      assertThat(controller.outstanding()).isEqualTo(outstanding);
    }
  }

  @Property(seed = "42", tries = 100)
  void one_interval_moves_the_limit_by_no_more_than_half_or_twice_and_its_root(
      @ForAll @LongRange(min = 1, max = 1000) long rttMillis,
      @ForAll @IntRange(max = 20) int intervals) {
    GradientController controller = controller(Duration.ofMillis(10));
    for (int i = 0; i < intervals; i++) {
      int before = controller.limit();
      interval(controller, 5, rttMillis * MILLI);
      double twice = 2.0 * (before + 1);
      assertThat((double) controller.limit())
          .isBetween(Math.max(LEAST, before / 2.0 - 1), twice + Math.sqrt(twice));
    }
  }

  @Test
  void it_grows_to_its_most_while_nothing_queues_and_shrinks_when_something_does() {
    GradientController controller = controller(Duration.ofMillis(10));
    for (int i = 0; i < 20; i++) {
      interval(controller, 5, 10 * MILLI);
    }
    assertThat(controller.limit()).isEqualTo(MOST);

    for (int i = 0; i < 20; i++) {
      interval(controller, 5, 100 * MILLI);
    }
    assertThat(controller.limit()).isLessThan(10);

    for (int i = 0; i < 20; i++) {
      interval(controller, 5, 10 * MILLI);
    }
    assertThat(controller.limit()).isEqualTo(MOST);
  }

  @Test
  void the_minimum_is_measured_with_few_requests_and_again_when_its_time_has_come() {
    GradientController controller = controller(Duration.ZERO);
    assertThat(controller.measuring()).isTrue();
    assertThat(controller.limit()).isEqualTo(LEAST);
    interval(controller, 10, 7 * MILLI);
    assertThat(controller.measuring()).isFalse();
    assertThat(controller.minRttNanos()).isEqualTo(7 * MILLI);
    for (int i = 0; i < 20; i++) {
      interval(controller, 5, 7 * MILLI);
    }
    assertThat(controller.limit()).isEqualTo(MOST);

    now += Duration.ofSeconds(70).toNanos();
    interval(controller, 1, 7 * MILLI);
    assertThat(controller.measuring()).isTrue();
    assertThat(controller.limit()).isEqualTo(LEAST);

    interval(controller, 10, 9 * MILLI);
    assertThat(controller.measuring()).isFalse();
    assertThat(controller.minRttNanos()).isEqualTo(9 * MILLI);
    assertThat(controller.limit()).as("what it was before").isEqualTo(MOST);
  }

  @Test
  void a_minimum_that_holds_the_limit_at_its_least_is_doubted() {
    GradientController controller = controller(Duration.ZERO);
    interval(controller, 10, MILLI);
    for (int i = 0; i < 40 && !controller.measuring(); i++) {
      interval(controller, 3, 50 * MILLI);
    }

    assertThat(controller.limit()).isEqualTo(LEAST);
    interval(controller, 10, 50 * MILLI);
    assertThat(controller.minRttNanos()).isGreaterThanOrEqualTo(MILLI);
  }
}
