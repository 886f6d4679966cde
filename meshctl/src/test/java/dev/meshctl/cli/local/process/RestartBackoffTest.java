package dev.meshctl.cli.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartBackoffTest {
  private static final Duration SHORT = Duration.ofMillis(50);

  @Test
  void each_death_in_a_row_doubles_the_wait_up_to_a_limit() {
    RestartBackoff backoff = RestartBackoff.FRESH.afterDeath(SHORT);
    assertThat(backoff.delay()).isEqualTo(Duration.ofMillis(200));
    backoff = backoff.afterDeath(SHORT);
    assertThat(backoff.delay()).isEqualTo(Duration.ofMillis(400));
    for (int i = 0; i < 100; i++) {
      backoff = backoff.afterDeath(SHORT);
    }
    assertThat(backoff.delay()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void a_long_life_is_a_fresh_start() {
    RestartBackoff backoff = RestartBackoff.FRESH;
    for (int i = 0; i < 5; i++) {
      backoff = backoff.afterDeath(SHORT);
    }
    assertThat(backoff.afterDeath(Duration.ofSeconds(10)).delay())
        .isEqualTo(Duration.ofMillis(200));
  }
}
