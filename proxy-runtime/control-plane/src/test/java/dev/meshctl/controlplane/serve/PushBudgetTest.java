package dev.meshctl.controlplane.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PushBudgetTest {
  private final AtomicLong now = new AtomicLong();
  private final PushBudget budget = new PushBudget(100, Duration.ofSeconds(5), now::get);

  @Test
  void there_is_room_until_the_limit_is_on_its_way() {
    PushBudget.Share first = budget.take(60);
    assertThat(budget.hasRoom()).isTrue();
    budget.take(60);
    assertThat(budget.hasRoom()).isFalse();

    budget.give(first);
    assertThat(budget.hasRoom()).isTrue();
  }

  @Test
  void what_is_given_back_twice_counts_once() {
    PushBudget.Share first = budget.take(60);
    budget.take(100);
    budget.give(first);
    budget.give(first);
    assertThat(budget.hasRoom()).isFalse();
  }

  @Test
  void a_proxy_that_never_answers_does_not_hold_the_others_for_good() {
    budget.take(200);
    now.addAndGet(TimeUnit.SECONDS.toNanos(5) - 1);
    assertThat(budget.hasRoom()).isFalse();
    now.addAndGet(1);
    assertThat(budget.hasRoom()).isTrue();
  }

  @Test
  void an_answer_that_comes_too_late_counts_no_more() {
    PushBudget.Share late = budget.take(200);
    now.addAndGet(TimeUnit.SECONDS.toNanos(5));
    assertThat(budget.hasRoom()).isTrue();
    budget.take(99);
    budget.give(late);
    assertThat(budget.hasRoom()).isTrue();
    budget.take(1);
    assertThat(budget.hasRoom()).isFalse();
  }

  @Test
  void what_was_answered_is_forgotten_though_nobody_asks_for_room() {
    for (int i = 0; i < 1000; i++) {
      budget.give(budget.take(1));
    }
    assertThat(budget.remembered()).isLessThanOrEqualTo(1);
  }

  @Test
  void who_waits_goes_on_when_something_is_answered() throws InterruptedException {
    PushBudget.Share all = budget.take(100);
    CountDownLatch through = new CountDownLatch(1);
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> {
              try {
                budget.await();
                through.countDown();
              } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
              }
            });
    budget.give(all);
    assertThat(through.await(10, TimeUnit.SECONDS)).isTrue();
    waiting.join();
  }
}
