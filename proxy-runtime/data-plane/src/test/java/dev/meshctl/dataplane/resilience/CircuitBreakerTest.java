package dev.meshctl.dataplane.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.RetryBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
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
  void a_retry_budget_stands_in_for_the_limit() {
    CircuitBreaker budgeted =
        new CircuitBreaker(
            new CircuitBreakers(9, 9, 100, 1, Optional.of(new RetryBudget(50, 2))), 1);
    assertThat(granted(9, budgeted::tryRetry)).isEqualTo(2);
    granted(20, budgeted::tryRequest);
    assertThat(granted(20, budgeted::tryRetry)).isEqualTo(8);
    CircuitBreaker limited = new CircuitBreaker(new CircuitBreakers(9, 9, 100, 5), 1);
    assertThat(granted(9, limited::tryRetry)).isEqualTo(5);
    assertThat(limited.retriesOpen()).isTrue();
  }

  /**
   * Whatever fails when: retries never exceed what the budget allowed when each was let through.
   */
  @Property
  void a_budget_holds_under_any_pattern_of_starts_and_ends(
      @ForAll List<@IntRange(max = 3) Integer> events,
      @ForAll @IntRange(max = 100) int percent,
      @ForAll @IntRange(max = 5) int least) {
    CircuitBreaker breaker =
        new CircuitBreaker(
            new CircuitBreakers(
                9, 9, Integer.MAX_VALUE, 1, Optional.of(new RetryBudget(percent, least))),
            1);
    for (int event : events) {
      switch (event) {
        case 0 -> assertThat(breaker.tryRequest()).isTrue();
        case 1 -> {
          if (breaker.tryRetry()) {
            assertThat(breaker.retries())
                .isLessThanOrEqualTo(Math.max(least, breaker.requests() * percent / 100));
          }
        }
        case 2 -> {
          if (breaker.requests() > 0) {
            breaker.requestEnded();
          }
        }
        default -> {
          if (breaker.retries() > 0) {
            breaker.retryEnded();
          }
        }
      }
    }
  }

  /** Steps of requests whose tries go on side by side: each fails, waits or ends as it likes. */
  @Property(tries = 300)
  void a_retry_budget_holds_under_any_pattern_of_failures(
      @ForAll @IntRange(min = 0, max = 100) int percent,
      @ForAll @IntRange(min = 0, max = 5) int least,
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 999) Integer> steps) {
    CircuitBreaker budget =
        new CircuitBreaker(
            new CircuitBreakers(9, 9, 50, 1, Optional.of(new RetryBudget(percent, least))), 1);
    List<Integer> held = new ArrayList<>();
    for (int step : steps) {
      int at = held.isEmpty() ? 0 : step / 4 % held.size();
      switch (step % 4) {
        case 0 -> {
          if (budget.tryRequest()) {
            held.add(0);
          }
        }
        case 1 -> {
          // A request that has hedged before may ask again.
          if (!held.isEmpty() && budget.tryRetry()) {
            held.set(at, held.get(at) + 1);
            assertThat(budget.retries())
                .isLessThanOrEqualTo(Math.max(least, (int) (budget.requests() * percent / 100.0)));
          }
        }
        case 2 -> {
          if (!held.isEmpty() && held.get(at) > 0) {
            budget.retryEnded();
            held.set(at, held.get(at) - 1);
          }
        }
        default -> {
          if (!held.isEmpty()) {
            for (int left = held.remove(at); left > 0; left--) {
              budget.retryEnded();
            }
            budget.requestEnded();
          }
        }
      }
      assertThat(budget.retries()).isEqualTo(held.stream().mapToInt(Integer::intValue).sum());
      assertThat(budget.requests()).isEqualTo(held.size());
    }
  }

  @Test
  void a_host_takes_its_own_limit_below_that_of_its_cluster() {
    CircuitBreaker cluster =
        new CircuitBreaker(new CircuitBreakers(3, 9, 9, 9).withHostConnections(2), 1);
    HostBreaker one = cluster.ofHost();
    HostBreaker other = cluster.ofHost();

    assertThat(granted(3, one::tryConnection)).isEqualTo(2);
    assertThat(granted(3, other::tryConnection)).as("3 for all").isEqualTo(1);
    assertThat(cluster.connections()).isEqualTo(3);
    assertThat(cluster.connectionOverflows()).isEqualTo(3);
    one.connectionClosed();
    assertThat(one.tryConnection()).isTrue();
    other.connectionClosed();
    assertThat(one.tryCounted()).isFalse();
    assertThat(other.tryCounted()).isTrue();
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
