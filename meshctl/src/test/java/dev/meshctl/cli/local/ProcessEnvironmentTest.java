package dev.meshctl.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ProcessEnvironmentTest {
  @Test
  void processes_get_what_they_need_and_only_the_control_plane_what_tunes_it() {
    ProcessEnvironment environment =
        ProcessEnvironment.of(
            Map.of("PATH", "/bin", "PILOT_DEBOUNCE_AFTER", "1s", "AWS_SECRET_ACCESS_KEY", "s"));

    assertThat(environment.everywhere()).containsOnlyKeys("PATH", "JAVA_HOME");
    assertThat(environment.ofControlPlane())
        .containsOnlyKeys("PATH", "JAVA_HOME", "PILOT_DEBOUNCE_AFTER")
        .containsEntry("PATH", "/bin");
  }
}
