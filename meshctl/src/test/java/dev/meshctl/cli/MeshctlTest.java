package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class MeshctlTest {
  @Test
  void a_thread_that_a_library_left_does_not_keep_a_command_that_is_done() throws Exception {
    ThreadGroup group = new ThreadGroup("of a library");
    CountDownLatch ends = new CountDownLatch(1);
    Thread daemon = new Thread(group, () -> await(ends));
    daemon.setDaemon(true);
    daemon.start();
    assertThat(Meshctl.holdsUp(group)).as("daemons keep nobody").isFalse();

    Thread left = new Thread(group, () -> await(ends));
    left.start();
    assertThat(Meshctl.holdsUp(group)).isTrue();

    ends.countDown();
    left.join();
    assertThat(Meshctl.holdsUp(group)).isFalse();
  }

  private static void await(CountDownLatch ends) {
    try {
      ends.await();
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }
}
