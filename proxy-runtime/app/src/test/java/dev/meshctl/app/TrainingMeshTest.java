package dev.meshctl.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The smallest whole mesh: YAML, authority, ADS, a sidecar that calls itself over mTLS. */
class TrainingMeshTest {
  @Test
  void every_request_is_answered_through_both_sides_of_the_sidecar_while_a_route_changes()
      throws Exception {
    try (TrainingMesh mesh = TrainingMesh.start(TrainingJvm.withoutCaches())) {
      int answered = mesh.exercise(200, System.nanoTime() + Duration.ofSeconds(90).toNanos());

      assertThat(answered).isEqualTo(200);
    }
  }
}
