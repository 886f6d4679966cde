package dev.meshctl.dataplane.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class HealthVerdictTest {
  @Test
  void the_first_answer_counts_at_once() {
    HealthVerdict verdict = new HealthVerdict();
    assertThat(verdict.healthy()).isTrue();
    assertThat(verdict.report(false, 3, 2)).isTrue();
    assertThat(verdict.healthy()).isFalse();
  }

  @Property
  void it_changes_only_after_as_many_in_a_row_as_its_threshold(
      @ForAll List<Boolean> answers,
      @ForAll @IntRange(min = 1, max = 4) int unhealthy,
      @ForAll @IntRange(min = 1, max = 4) int healthy) {
    HealthVerdict verdict = new HealthVerdict();
    int run = 0;
    boolean last = true;
    for (int i = 0; i < answers.size(); i++) {
      boolean answer = answers.get(i);
      run = i > 0 && answer == last ? run + 1 : 1;
      last = answer;
      boolean before = verdict.healthy();
      boolean changed = verdict.report(answer, unhealthy, healthy);
      assertThat(changed).isEqualTo(before != verdict.healthy());
      if (changed && i > 0) {
        assertThat(verdict.healthy()).isEqualTo(answer);
        assertThat(run).isGreaterThanOrEqualTo(answer ? healthy : unhealthy);
      }
      if (run >= Math.max(healthy, unhealthy)) {
        assertThat(verdict.healthy()).isEqualTo(answer);
      }
    }
  }
}
