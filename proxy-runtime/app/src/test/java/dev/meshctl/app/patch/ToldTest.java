package dev.meshctl.app.patch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ToldTest {
  @Test
  void a_line_is_what_the_supervisor_says() {
    assertThat(Told.of("started 3")).contains(new Told.Started(3));
    assertThat(Told.of("ready 3")).contains(new Told.Ready(3));
    assertThat(Told.of("failed 3 0 it ended with 1 before it was ready"))
        .contains(new Told.Failed(3, 0, "it ended with 1 before it was ready"));
    assertThat(Told.of("rolledback 3 4096 it hangs: nothing was heard of it"))
        .contains(new Told.RolledBack(3, 4096, "it hangs: nothing was heard of it"));
    assertThat(Told.of("retire 2500")).contains(new Told.Retire(Duration.ofMillis(2500)));
    assertThat(Told.of("resume")).contains(new Told.Resume());
    assertThat(Told.of("leave")).contains(new Told.Leave());
    assertThat(Told.of("settled 3 1048576")).contains(new Told.Settled(3, 1 << 20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "started", "failed 3 0", "retire soon", "dance 3"})
  void what_is_not_understood_is_nothing(String line) {
    assertThat(Told.of(line)).isEmpty();
  }
}
