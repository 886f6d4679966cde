package dev.meshctl.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The smallest whole mesh: YAML, authority, ADS, two sidecars with mTLS between, telemetry. */
class TrainingMeshTest {
  @Test
  void every_request_is_answered_through_both_sidecars_while_a_route_changes() throws Exception {
    try (TrainingMesh mesh = TrainingMesh.start()) {
      int answered = mesh.exercise(200, System.nanoTime() + Duration.ofSeconds(90).toNanos());

      assertThat(answered).isEqualTo(200);
    }
  }
}
