package dev.meshctl.controlplane.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RequestPaceTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final RequestPace pace = new RequestPace(10, 5);
  private long now = -SECOND;

  @Test
  void a_burst_is_taken_at_once_and_what_follows_at_the_pace() {
    for (int taken = 1; taken < 5; taken++) {
      assertThat(pace.waitNanos(now)).as("wait of the next").isZero();
    }
    for (int i = 0; i < 20; i++) {
      long wait = pace.waitNanos(now);
      assertThat(wait).isEqualTo(SECOND / 10);
      now += wait;
    }
  }

  @Test
  void who_keeps_the_pace_never_waits() {
    for (int i = 0; i < 100; i++) {
      assertThat(pace.waitNanos(now)).isZero();
      now += SECOND / 10;
    }
  }

  @Test
  void a_pause_earns_another_burst_and_no_more() {
    for (int i = 0; i < 10; i++) {
      pace.waitNanos(now);
    }
    now += 3600 * SECOND;
    for (int taken = 1; taken < 5; taken++) {
      assertThat(pace.waitNanos(now)).as("wait of the next").isZero();
    }
    assertThat(pace.waitNanos(now)).isPositive();
  }
}
