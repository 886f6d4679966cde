package dev.meshctl.dataplane.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
  private final CircuitBreaker breaker = new CircuitBreaker(new CircuitBreakers(1, 2, 3, 100), 1);

  @Test
  void each_limit_holds_for_itself_and_frees_what_is_given_back() {
    assertThat(breaker.tryConnection()).isTrue();
    assertThat(breaker.tryConnection()).isFalse();
    assertThat(granted(2, breaker::tryPending)).isEqualTo(2);
    assertThat(breaker.tryPending()).isFalse();
    assertThat(granted(3, breaker::tryRequest)).isEqualTo(3);
    assertThat(breaker.tryRequest()).isFalse();
    assertThat(breaker.open()).isTrue();
    assertThat(breaker.overflows()).isEqualTo(3);

    breaker.connectionClosed();
    breaker.pendingEnded();
    breaker.requestEnded();

    assertThat(breaker.tryConnection()).isTrue();
    assertThat(breaker.tryPending()).isTrue();
    assertThat(breaker.open()).isFalse();
    assertThat(breaker.tryRequest()).isTrue();
  }

  @Test
  void retries_are_bounded_by_a_fifth_of_the_requests_but_three_at_least() {
    CircuitBreaker wide = new CircuitBreaker(CircuitBreakers.DEFAULT, 1);
    assertThat(granted(3, wide::tryRetry)).isEqualTo(3);
    assertThat(wide.tryRetry()).isFalse();

    for (int i = 0; i < 20; i++) {
      assertThat(wide.tryRequest()).isTrue();
    }
    assertThat(wide.tryRetry()).isTrue();
    assertThat(wide.tryRetry()).isFalse();
    assertThat(wide.retryOverflows()).isEqualTo(2);
  }

  @Test
  void loops_share_the_limits() {
    CircuitBreaker half = new CircuitBreaker(new CircuitBreakers(3, 3, 3, 3), 2);

    assertThat(granted(2, half::tryRequest)).isEqualTo(2);
    assertThat(half.tryRequest()).isFalse();
  }

  @Test
  void a_lower_limit_lets_what_is_open_end() {
    assertThat(granted(2, breaker::tryRequest)).isEqualTo(2);

    breaker.update(new CircuitBreakers(1, 1, 1, 1), 1);

    assertThat(breaker.tryRequest()).isFalse();
    breaker.requestEnded();
    assertThat(breaker.tryRequest()).isFalse();
    breaker.requestEnded();
    assertThat(breaker.tryRequest()).isTrue();
  }

  @Test
  void giving_back_more_than_was_taken_is_a_bug_that_shows() {
    assertThatThrownBy(breaker::requestEnded).isInstanceOf(IllegalStateException.class);
  }

  private static int granted(int tries, BooleanSupplier ask) {
    int granted = 0;
    for (int i = 0; i < tries; i++) {
      granted += ask.getAsBoolean() ? 1 : 0;
    }
    return granted;
  }
}
