package dev.meshctl.dataplane.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ConnectionGateTest {

  @Property(seed = "42")
  void never_more_are_inside_than_may_be_and_none_is_refused_while_there_is_room(
      @ForAll @IntRange(min = 1, max = 5) int most, @ForAll List<Boolean> comesOrGoes) {
    ConnectionGate gate = new ConnectionGate(most);
    int inside = 0;
    for (boolean comes : comesOrGoes) {
      if (comes) {
        boolean entered = gate.enter();
        assertThat(entered).isEqualTo(inside < most);
        inside += entered ? 1 : 0;
      } else if (inside > 0) {
        gate.leave();
        inside--;
      }
      assertThat(gate.inside()).isEqualTo(inside);
    }
  }

  @Test
  void the_limit_holds_for_all_threads_together() throws InterruptedException {
    ConnectionGate gate = new ConnectionGate(10);
    AtomicLong entered = new AtomicLong();
    CountDownLatch done = new CountDownLatch(4);
    for (int thread = 0; thread < 4; thread++) {
      Thread.ofPlatform()
          .start(() -> {
            for (int i = 0; i < 1000; i++) {
              entered.addAndGet(gate.enter() ? 1 : 0);
            }
            done.countDown();
          });
    }
    done.await();

    assertThat(entered).hasValue(10);
    assertThat(gate.refused()).isEqualTo(3990);
  }

  @Test
  void open_files_bound_the_connections_where_nothing_else_does() {
    String line = "Max open files            1280                 4096                 files     ";

    assertThat(OpenFiles.connections(List.of("Limit  Soft", line))).isEqualTo(512);
    assertThat(OpenFiles.connections(List.of("Max open files unlimited unlimited files")))
        .isEqualTo(Long.MAX_VALUE);
    assertThat(OpenFiles.connections(List.of())).isEqualTo(Long.MAX_VALUE);
    assertThat(OpenFiles.connections()).isPositive();
  }
}
