package dev.meshctl.model.xds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.xds.OverloadConfig.Action;
import dev.meshctl.model.xds.OverloadConfig.OverloadReading;
import dev.meshctl.model.xds.OverloadConfig.Trigger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;

class OverloadConfigTest {

  private static OverloadConfig with(List<Trigger> triggers) {
    return new OverloadConfig(
        Duration.ofSeconds(1), 0, 0, Map.of(Action.STOP_ACCEPTING_REQUESTS, triggers));
  }

  private static double level(OverloadConfig config, double memory) {
    return config.level(Action.STOP_ACCEPTING_REQUESTS, new OverloadReading(memory));
  }

  @Property(seed = "42")
  void more_pressure_never_sheds_less(
      @ForAll @DoubleRange(min = 0, max = 1) double from,
      @ForAll @DoubleRange(min = 0, max = 1) double width,
      @ForAll @DoubleRange(min = 0, max = 1) double threshold,
      @ForAll @DoubleRange(min = 0, max = 2) double one,
      @ForAll @DoubleRange(min = 0, max = 2) double other) {
    OverloadConfig config =
        with(List.of(new Trigger(from, Math.min(1, from + width)), Trigger.at(threshold)));
    double lower = level(config, Math.min(one, other));
    double higher = level(config, Math.max(one, other));

    assertThat(lower).isBetween(0.0, 1.0).isLessThanOrEqualTo(higher);
    assertThat(higher).isBetween(0.0, 1.0);
  }

  @Property(seed = "42")
  void below_the_lowest_trigger_nothing_happens_and_above_all_everything(
      @ForAll @DoubleRange(min = 0.01, max = 1) double from,
      @ForAll @DoubleRange(min = 0, max = 1) double width) {
    OverloadConfig config = with(List.of(new Trigger(from, Math.min(1, from + width))));

    assertThat(level(config, config.lowestTrigger() - 0.001)).isZero();
    assertThat(level(config, 1)).isEqualTo(1);
    assertThat(config.level(Action.DISABLE_KEEPALIVE, new OverloadReading(1))).isZero();
  }
}
