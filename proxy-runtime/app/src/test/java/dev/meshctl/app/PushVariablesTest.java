package dev.meshctl.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.app.config.ControlPlaneVariables;
import dev.meshctl.controlplane.serve.PushSettings;
import dev.meshctl.model.xds.ResourceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PushVariablesTest {
  @Test
  void what_is_not_set_has_its_default() throws Exception {
    assertThat(PushVariables.read(Map.of("HOME", "/"))).isEqualTo(PushSettings.DEFAULT);
  }

  @Test
  void each_variable_sets_one_thing() throws Exception {
    assertThat(
            PushVariables.read(
                Map.of(
                    "PILOT_DEBOUNCE_AFTER", "100ms",
                    "PILOT_DEBOUNCE_MAX", "10s",
                    "MESHCTL_PUSH_UNANSWERED_BYTES", "1000000",
                    "MESHCTL_PUSH_PATIENCE", "1m",
                    "MESHCTL_STREAM_REQUESTS_PER_SECOND", "7",
                    "MESHCTL_STREAM_REQUEST_BURST", "8",
                    "MESHCTL_RESOURCE_TTL", "cluster=30s, virtual-host=1m")))
        .isEqualTo(
            new PushSettings(
                Duration.ofMillis(100),
                Duration.ofSeconds(10),
                1_000_000,
                Duration.ofMinutes(1),
                7,
                8,
                Map.of(
                    ResourceType.CLUSTER,
                    Duration.ofSeconds(30),
                    ResourceType.VIRTUAL_HOST,
                    Duration.ofMinutes(1))));
  }

  @ParameterizedTest
  @CsvSource({
    "PILOT_DEBOUNCE_AFTER,soon,'30ms, 10s or 1m'",
    "PILOT_DEBOUNCE_MAX,-1s,'30ms, 10s or 1m'",
    "MESHCTL_PUSH_UNANSWERED_BYTES,0,1 to 1099511627776",
    "MESHCTL_STREAM_REQUEST_BURST,1000001,1 to 1000000",
    "MESHCTL_RESOURCE_TTL,cluster=29s,30s or more",
    "MESHCTL_RESOURCE_TTL,pod=1m,'TYPE=DURATION[,TYPE=DURATION…] of cluster, endpoints, listener,"
        + " names, route, secret, virtual-host'"
  })
  void what_cannot_be_is_refused_by_name(String name, String value, String expected) {
    assertThatThrownBy(() -> PushVariables.read(Map.of(name, value)))
        .isInstanceOf(IOException.class)
        .hasMessage(name + ": " + value + " (expected: " + expected + ")");
  }

  @Test
  void the_guide_names_every_variable() throws Exception {
    String guide = Files.readString(Path.of("..", "..", "docs", "guide", "scale.md"));
    assertThat(ControlPlaneVariables.NAMES)
        .allSatisfy(name -> assertThat(guide).contains("`" + name + "`"));
  }
}
