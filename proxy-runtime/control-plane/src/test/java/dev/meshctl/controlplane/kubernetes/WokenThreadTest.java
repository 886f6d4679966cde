package dev.meshctl.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.controlplane.kubernetes.WokenThread.Cause;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WokenThreadTest {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final Duration AT_ONCE = Duration.ofMillis(1);

  private final LinkedBlockingQueue<Cause> turns = new LinkedBlockingQueue<>();
  private final Semaphore mayEnd = new Semaphore(0);

  @Test
  void what_was_woken_before_the_start_counts() throws Exception {
    try (WokenThread thread = new WokenThread("test", NEVER, this::turn)) {
      thread.wake();
      thread.start();
      assertThat(nextTurn()).isEqualTo(Cause.WOKEN);
    }
  }

  @Test
  void many_wakings_during_a_turn_are_one_turn_more() throws Exception {
    try (WokenThread thread = new WokenThread("test", NEVER, this::turn)) {
      thread.start();
      thread.wake();
      assertThat(nextTurn()).isEqualTo(Cause.WOKEN);
      thread.wake();
      thread.wake();
      thread.wake();
      mayEnd.release();
      assertThat(nextTurn()).isEqualTo(Cause.WOKEN);
      mayEnd.release();
      thread.wake();
      assertThat(nextTurn()).isEqualTo(Cause.WOKEN);
      assertThat(turns).isEmpty();
    }
  }

  @Test
  void a_turn_is_taken_when_nobody_wakes_it_for_a_while() throws Exception {
    try (WokenThread thread = new WokenThread("test", AT_ONCE, this::turn)) {
      thread.start();
      assertThat(nextTurn()).isEqualTo(Cause.TIME);
    }
  }

  @Test
  void a_turn_that_fails_is_not_the_last() throws Exception {
    WokenThread.Turn failing =
        cause -> {
          turns.add(cause);
          throw new IllegalStateException("a bug of the test's making");
        };
    try (WokenThread thread = new WokenThread("test", NEVER, failing)) {
      thread.start();
      thread.wake();
      assertThat(nextTurn()).isEqualTo(Cause.WOKEN);
      thread.wake();
      assertThat(nextTurn()).isEqualTo(Cause.WOKEN);
    }
  }

  @Test
  void closing_interrupts_the_turn() throws Exception {
    LinkedBlockingQueue<Boolean> interrupted = new LinkedBlockingQueue<>();
    WokenThread thread =
        new WokenThread(
            "test",
            NEVER,
            cause -> {
              try {
                return turn(cause);
              } catch (InterruptedException end) {
                interrupted.add(true);
                throw end;
              }
            });
    thread.start();
    thread.wake();
    assertThat(nextTurn()).isEqualTo(Cause.WOKEN);
    thread.close();
    assertThat(interrupted.poll(10, TimeUnit.SECONDS)).isTrue();
  }

  /** Ends when the test says so. */
  private Duration turn(Cause cause) throws InterruptedException {
    turns.add(cause);
    mayEnd.acquire();
    return NEVER;
  }

  private Cause nextTurn() throws InterruptedException {
    return turns.poll(10, TimeUnit.SECONDS);
  }
}
