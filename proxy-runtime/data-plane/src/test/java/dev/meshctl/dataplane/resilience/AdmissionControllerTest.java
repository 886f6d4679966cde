package dev.meshctl.dataplane.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.meshctl.model.xds.AdmissionControl;
import dev.meshctl.model.xds.AdmissionControl.StatusRange;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AdmissionControllerTest {
  private static final long SECOND = 1_000_000_000;

  private static AdmissionControl settings(
      double aggression, double threshold, int rps, double most) {
    return new AdmissionControl(
        true, List.of(), List.of(), Duration.ofSeconds(10), aggression, threshold, rps, most);
  }

  private static AdmissionController controller(AdmissionControl settings) {
    return new AdmissionController(settings, new SplittableRandom(42), 0);
  }

  private static AdmissionController after(AdmissionControl settings, int successes, int failures) {
    AdmissionController controller = controller(settings);
    for (int i = 0; i < successes; i++) {
      controller.ended(true, 0);
    }
    for (int i = 0; i < failures; i++) {
      controller.ended(false, 0);
    }
    return controller;
  }

  @Property(seed = "42")
  void the_chance_lies_between_nothing_and_its_most(
      @ForAll @IntRange(max = 500) int successes,
      @ForAll @IntRange(max = 500) int failures,
      @ForAll @DoubleRange(min = 1, max = 5) double aggression,
      @ForAll @DoubleRange(min = 1, max = 100) double threshold,
      @ForAll @DoubleRange(min = 0, max = 100) double most) {
    double chance = after(settings(aggression, threshold, 0, most), successes, failures).chance(0);

    assertThat(chance).isBetween(0.0, most / 100);
    boolean well =
        successes + failures == 0 || successes >= threshold / 100 * (successes + failures);
    if (well) {
      assertThat(chance).isLessThan(1e-9);
    }
  }

  @Property(seed = "42")
  void one_more_failure_never_makes_a_refusal_less_likely(
      @ForAll @IntRange(max = 200) int successes, @ForAll @IntRange(max = 200) int failures) {
    AdmissionControl settings = settings(1, 95, 0, 100);

    assertThat(after(settings, successes, failures + 1).chance(0))
        .isGreaterThanOrEqualTo(after(settings, successes, failures).chance(0));
  }

  @Property(seed = "42", tries = 100)
  void refusals_come_with_the_chance_that_is_told(
      @ForAll @IntRange(max = 100) int successes,
      @ForAll @IntRange(min = 1, max = 100) int failures) {
    AdmissionController controller = after(settings(1, 95, 0, 80), successes, failures);
    double chance = controller.chance(0);
    int tries = 4000;
    for (int i = 0; i < tries; i++) {
      boolean unused = controller.admits(0);
    }

    // Four standard deviations of a binomial.
    assertThat(controller.refused() / (double) tries)
        .isCloseTo(chance, within(4 * Math.sqrt(chance * (1 - chance) / tries) + 1e-9));
  }

  @Test
  void a_greater_aggression_refuses_sooner() {
    assertThat(after(settings(3, 95, 0, 100), 50, 50).chance(0))
        .isGreaterThan(after(settings(1, 95, 0, 100), 50, 50).chance(0));
  }

  @Test
  void few_requests_are_let_through_however_they_end() {
    assertThat(after(settings(1, 95, 10, 100), 0, 99).chance(0)).isZero();
    assertThat(after(settings(1, 95, 10, 100), 0, 100).chance(0)).isPositive();
  }

  @Test
  void what_is_older_than_the_window_is_forgotten() {
    AdmissionController controller = after(settings(1, 95, 0, 100), 0, 50);
    assertThat(controller.chance(9 * SECOND)).isPositive();
    assertThat(controller.chance(10 * SECOND)).isZero();
    assertThat(controller.chance(1000 * SECOND)).isZero();
  }

  @Test
  void success_is_what_the_settings_say() {
    AdmissionController usual = controller(settings(1, 95, 0, 80));
    assertThat(usual.isSuccess(499, -1)).isTrue();
    assertThat(usual.isSuccess(500, -1)).isFalse();
    assertThat(usual.isSuccess(200, 5)).isTrue();
    assertThat(usual.isSuccess(200, 14)).isFalse();
    AdmissionController own =
        controller(
            new AdmissionControl(
                true,
                List.of(new StatusRange(200, 300), new StatusRange(404, 405)),
                List.of(14),
                Duration.ofSeconds(1),
                1,
                95,
                0,
                80));
    assertThat(own.isSuccess(404, -1)).isTrue();
    assertThat(own.isSuccess(403, -1)).isFalse();
    assertThat(own.isSuccess(200, 14)).isTrue();
    assertThat(own.isSuccess(200, 0)).isFalse();
  }
}
