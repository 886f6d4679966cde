package dev.meshctl.dataplane.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ArrivalTest {
  private static final long MOST = Duration.ofSeconds(Arrival.SILENCE_SECONDS).toNanos();

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final AtomicInteger timeouts = new AtomicInteger();
  private final ConnectionRegistry registry = new ConnectionRegistry();
  private final Arrival arrival = new Arrival(channel, "in", 0, timeouts::incrementAndGet);

  ArrivalTest() {
    registry.add(arrival);
  }

  @Test
  void who_says_nothing_is_let_go_when_the_silence_has_lasted_long_enough() {
    registry.sweep(MOST - 1);
    assertThat(channel.isOpen()).isTrue();

    registry.sweep(MOST);

    assertThat(channel.isOpen()).isFalse();
    assertThat(timeouts).hasValue(1);
  }

  @Test
  void a_shorter_idle_time_counts_and_none_does_not() {
    arrival.waitAtMost(0);
    arrival.waitAtMost(MOST + 1);
    registry.sweep(MOST - 1);
    assertThat(channel.isOpen()).isTrue();

    arrival.waitAtMost(5);
    registry.sweep(5);

    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void what_is_on_its_way_counts_as_open_and_ends_when_all_are_drained() {
    assertThat(registry.size()).isEqualTo(1);

    registry.drain();

    assertThat(channel.isOpen()).isFalse();
    assertThat(timeouts).hasValue(0);
  }

  @Test
  void a_listener_that_is_gone_takes_what_is_on_its_way_to_it_along() {
    registry.closeArrivingUnless("in"::equals);
    assertThat(channel.isOpen()).isTrue();

    registry.closeArrivingUnless("other"::equals);

    assertThat(channel.isOpen()).isFalse();
  }
}
