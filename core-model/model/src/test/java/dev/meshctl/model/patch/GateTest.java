package dev.meshctl.model.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.model.patch.Gate.Measured;
import dev.meshctl.model.patch.PatchEvent.Verdict;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class GateTest {
  private final Gate gate = new Gate(0.99, Duration.ofMillis(50), 20, Duration.ofSeconds(10));

  @Test
  void too_little_traffic_proves_nothing() {
    assertThat(gate.judge(new Measured(19, 19, 900_000))).isEqualTo(new Verdict.Well());
  }

  @Test
  void what_fails_more_than_it_may_is_ill() {
    assertThat(gate.judge(new Measured(1000, 10, 0))).isEqualTo(new Verdict.Well());
    assertThat(gate.judge(new Measured(1000, 11, 0)))
        .isEqualTo(new Verdict.Ill("98.90% of 1000 requests succeeded (expected: 99.00% or more)"));
  }

  @Test
  void what_takes_longer_than_it_may_is_ill() {
    assertThat(gate.judge(new Measured(100, 0, 50_000))).isEqualTo(new Verdict.Well());
    assertThat(gate.judge(new Measured(100, 0, 50_001)))
        .isEqualTo(new Verdict.Ill("p99 was 50.0 ms (expected: 50.0 ms or less)"));
    assertThat(Gate.DEFAULT.judge(new Measured(100, 0, 9_000_000))).isEqualTo(new Verdict.Well());
  }

  @Test
  void numbers_out_of_range_are_refused() {
    assertThatThrownBy(() -> new Gate(1.1, Duration.ZERO, 1, Duration.ofSeconds(1)))
        .hasMessage("leastSuccess: 1.1 (expected: 0 to 1)");
    assertThatThrownBy(() -> new Gate(1, Duration.ZERO, 0, Duration.ofSeconds(1)))
        .hasMessageContaining("leastRequests: 0");
  }
}
