package dev.meshctl.injector.mutation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SettingsTextTest {
  private static final InjectionSettings USUAL = TestPods.SETTINGS;

  @Test
  void what_is_not_written_stays_as_it_was() throws Exception {
    InjectionSettings read =
        SettingsText.read(
            "s.yaml",
            """
            image: other:2
            nativeSidecars: false
            capture: NODE_AGENT
            resources: {memory: 256Mi}
            imagePullSecrets: [pull]
            """,
            USUAL);

    assertThat(read.image()).isEqualTo("other:2");
    assertThat(read.nativeSidecars()).isFalse();
    assertThat(read.capture()).isEqualTo(InjectionSettings.Capture.NODE_AGENT);
    assertThat(read.resources())
        .isEqualTo(new InjectionSettings.Resources("100m", "2", "256Mi", "1Gi"));
    assertThat(read.imagePullSecrets()).containsExactly("pull");
    assertThat(read.ports()).isEqualTo(USUAL.ports());
    assertThat(SettingsText.read("again", SettingsText.json(read), USUAL)).isEqualTo(read);
    assertThat(SettingsText.read("empty", "", USUAL)).isEqualTo(USUAL);
  }

  @Test
  void what_is_not_known_is_told_with_what_was_probably_meant() {
    assertThatThrownBy(() -> SettingsText.read("s.yaml", "resources: {memoryLimits: 1}", USUAL))
        .hasMessage("s.yaml: resources.memoryLimits is not known; did you mean 'memoryLimit'?");
    assertThatThrownBy(() -> SettingsText.read("s.yaml", "capture: SOMEHOW", USUAL))
        .hasMessageStartingWith("s.yaml: ");
    assertThatThrownBy(() -> SettingsText.read("s.yaml", "- a", USUAL))
        .hasMessageStartingWith("s.yaml: not settings");
    assertThatThrownBy(() -> SettingsText.read("s.yaml", "a: [", USUAL))
        .hasMessageStartingWith("MESH0001 s.yaml");
  }
}
