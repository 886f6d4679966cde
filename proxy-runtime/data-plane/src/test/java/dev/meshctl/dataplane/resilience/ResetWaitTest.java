package dev.meshctl.dataplane.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.match.Bytes;
import dev.meshctl.model.xds.Retry.ResetHeader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ResetWaitTest {
  private static final long NOW_MILLIS = 1_000_000_500;

  private static long nanos(Map<String, String> headers, ResetHeader... asked) {
    return new ResetWait(List.of(asked), Duration.ofSeconds(100))
        .nanos(
            name -> headers.containsKey(name) ? Bytes.copyOf(headers.get(name)) : null,
            NOW_MILLIS,
            new SplittableRandom(42));
  }

  @Property(tries = 200)
  void seconds_are_waited_and_at_most_half_as_much_again(
      @ForAll @IntRange(min = 0, max = 100) int seconds) {
    long nanos = nanos(Map.of("retry-after", "" + seconds), new ResetHeader("Retry-After", false));
    assertThat(nanos).isBetween(seconds * 1_000_000_000L, seconds * 1_500_000_000L);
  }

  @Test
  void a_moment_is_waited_for() {
    assertThat(nanos(Map.of("x-reset", "1000010"), new ResetHeader("x-reset", true)))
        .isBetween(10_000_000_000L, 15_000_000_000L);
  }

  @Test
  void what_is_too_long_past_or_no_number_is_not_heeded() {
    ResetHeader after = new ResetHeader("retry-after", false);
    ResetHeader moment = new ResetHeader("x-reset", true);
    assertThat(nanos(Map.of("retry-after", "101"), after)).isEqualTo(-1);
    assertThat(nanos(Map.of("retry-after", "soon"), after)).isEqualTo(-1);
    assertThat(nanos(Map.of("retry-after", "99999999999"), after)).isEqualTo(-1);
    assertThat(nanos(Map.of("x-reset", "999999"), moment)).isEqualTo(-1);
    assertThat(nanos(Map.of(), after)).isEqualTo(-1);
    assertThat(nanos(Map.of("retry-after", "x", "x-reset", "1000001"), after, moment)).isPositive();
  }
}
