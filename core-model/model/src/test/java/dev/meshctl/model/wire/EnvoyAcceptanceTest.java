package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.Judges;
import dev.meshctl.model.testkit.TestIdentity;
import dev.meshctl.model.testkit.TranslationScenario;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A real Envoy reads what we would send it. */
class EnvoyAcceptanceTest {
  @TempDir static Path temporary;
  private static Path envoy;
  private static TestIdentity identity;

  @BeforeAll
  static void finds_an_envoy() throws Exception {
    envoy = Judges.envoy();
    identity = TestIdentity.create(temporary);
  }

  static List<TranslationScenario> scenarios() {
    return TranslationScenario.all();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void envoy_accepts_every_snapshot_whole(TranslationScenario scenario) throws Exception {
    Path bootstrap = temporary.resolve(scenario + ".pb");
    Path log = temporary.resolve(scenario + ".log");
    Files.write(bootstrap, StaticBootstrap.of(scenario.snapshot(), identity).toByteArray());

    Process validation =
        new ProcessBuilder(
                envoy.toString(),
                "--mode",
                "validate",
                "--config-path",
                bootstrap.toString(),
                "--service-node",
                scenario.node().id(),
                "--service-cluster",
                "test",
                "--log-level",
                "warning")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(validation.waitFor(1, TimeUnit.MINUTES)).isTrue();
    } finally {
      validation.destroyForcibly();
    }

    assertThat(validation.exitValue()).as(Files.readString(log)).isZero();
    assertThat(Files.readString(log)).contains("OK").doesNotContain("deprecated");
  }
}
