package dev.meshctl.model.xds.translation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.TranslationScenario;
import dev.meshctl.model.xds.SnapshotConsistency;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MeshTranslationTest {
  static List<TranslationScenario> scenarios() {
    return TranslationScenario.all();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void every_snapshot_is_whole(TranslationScenario scenario) {
    assertThat(SnapshotConsistency.check(scenario.snapshot())).isEmpty();
  }
}
