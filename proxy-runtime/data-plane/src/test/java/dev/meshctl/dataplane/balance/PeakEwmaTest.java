package dev.meshctl.dataplane.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class PeakEwmaTest {
  private static final long MILLI = 1_000_000;
  private static final long DECAY = 10_000 * MILLI;

  private static PeakEwma after(long... tookMillis) {
    PeakEwma ewma = new PeakEwma();
    for (int i = 0; i < tookMillis.length; i++) {
      ewma.observe(tookMillis[i] * MILLI, i * MILLI, DECAY);
    }
    return ewma;
  }

  @Property
  void a_peak_is_taken_at_once(
      @ForAll @Size(max = 20) List<@LongRange(min = 0, max = 5_000) Long> before,
      @ForAll @LongRange(min = 5_001, max = 100_000) long peak) {
    PeakEwma ewma = after(before.stream().mapToLong(Long::longValue).toArray());
    ewma.observe(peak * MILLI, before.size() * MILLI, DECAY);
    assertThat(ewma.millis()).isEqualTo(peak);
  }

  @Property
  void it_only_fades_while_nobody_answers(
      @ForAll @LongRange(min = 1, max = 5_000) long took,
      @ForAll @Size(min = 1, max = 20) List<@LongRange(min = 0, max = 3_000) Long> pauses) {
    PeakEwma ewma = after(took);
    long now = 0;
    double before = ewma.millis();
    for (long pause : pauses) {
      now += pause * MILLI;
      ewma.fade(now, DECAY);
      assertThat(ewma.millis()).isBetween(0.0, before);
      before = ewma.millis();
    }
    // Many short pauses fade as much as one long one.
    assertThat(before).isCloseTo(took * Math.exp(-(double) now / DECAY), within(1e-6 * took));
  }

  @Property
  void it_stays_between_the_least_and_the_most_that_was_seen(
      @ForAll @Size(min = 1, max = 30) List<@LongRange(min = 1, max = 5_000) Long> took) {
    PeakEwma ewma = after(took.stream().mapToLong(Long::longValue).toArray());
    assertThat(ewma.millis())
        .isBetween(
            took.stream().mapToLong(Long::longValue).min().orElse(0) - 1e-9,
            took.stream().mapToLong(Long::longValue).max().orElse(0) + 1e-9);
  }
}
