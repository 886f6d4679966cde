package dev.meshctl.dataplane.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
  private final CircuitBreaker breaker = new CircuitBreaker(new CircuitBreakers(1, 2, 3, 100), 1);

  @Test
  void each_limit_holds_for_itself_and_frees_what_is_given_back() {
    assertThat(breaker.tryConnection()).isTrue();
    assertThat(breaker.tryConnection()).isFalse();
    assertThat(breaker.tryPending() && breaker.tryPending()).isTrue();
    assertThat(breaker.tryPending()).isFalse();
    assertThat(breaker.tryRequest() && breaker.tryRequest() && breaker.tryRequest()).isTrue();
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
    assertThat(wide.tryRetry() && wide.tryRetry() && wide.tryRetry()).isTrue();
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

    assertThat(half.tryRequest() && half.tryRequest()).isTrue();
    assertThat(half.tryRequest()).isFalse();
  }

  @Test
  void a_lower_limit_lets_what_is_open_end() {
    assertThat(breaker.tryRequest() && breaker.tryRequest()).isTrue();

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
}
