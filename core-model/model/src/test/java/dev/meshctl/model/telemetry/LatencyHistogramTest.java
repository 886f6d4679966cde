package dev.meshctl.model.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {

  @Property(seed = "42")
  void a_quantile_is_never_below_the_true_value_and_at_most_a_sixteenth_above(
      @ForAll @Size(min = 1, max = 200) List<@IntRange(min = 0, max = 50_000_000) Integer> values,
      @ForAll @IntRange(min = 1, max = 100) int percent) {
    LatencyHistogram histogram = new LatencyHistogram();
    values.forEach(histogram::record);
    int[] sorted = values.stream().mapToInt(Integer::intValue).sorted().toArray();
    long truth = sorted[(int) Math.ceil(percent / 100.0 * sorted.length) - 1];

    long quantile = histogram.drain().quantileMicros(percent / 100.0);

    assertThat(quantile).isBetween(truth, truth + truth / 16 + 1);
  }

  @Property(seed = "42")
  void adding_counts_equals_counting_together(
      @ForAll List<@IntRange(min = 0) Integer> one,
      @ForAll List<@IntRange(min = 0) Integer> other) {
    LatencyHistogram first = new LatencyHistogram();
    LatencyHistogram second = new LatencyHistogram();
    LatencyHistogram both = new LatencyHistogram();
    one.forEach(first::record);
    other.forEach(second::record);
    one.forEach(both::record);
    other.forEach(both::record);

    LatencyHistogram.Counts sum = first.drain().plus(second.drain());

    LatencyHistogram.Counts expected = both.drain();
    assertThat(sum.buckets()).isEqualTo(expected.buckets());
    assertThat(sum.counts()).isEqualTo(expected.counts());
    assertThat(sum.sumMicros()).isEqualTo(expected.sumMicros());
  }

  @Test
  void buckets_cover_the_whole_range_without_a_gap() {
    long[] bounds = new long[LatencyHistogram.BUCKETS];
    Arrays.setAll(bounds, LatencyHistogram::upperBoundMicros);

    assertThat(bounds).isSorted().doesNotHaveDuplicates();
    assertThat(bounds[bounds.length - 1]).isEqualTo(Integer.MAX_VALUE);
    for (int i = 1; i < bounds.length; i++) {
      assertThat(LatencyHistogram.bucketOf((int) bounds[i])).isEqualTo(i);
      assertThat(LatencyHistogram.bucketOf((int) bounds[i - 1] + 1)).isEqualTo(i);
    }
  }

  @Test
  void draining_starts_anew() {
    LatencyHistogram histogram = new LatencyHistogram();
    histogram.record(7);
    histogram.drain();

    assertThat(histogram.drain().total()).isZero();
  }
}
