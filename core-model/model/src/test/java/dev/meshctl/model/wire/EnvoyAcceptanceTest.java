package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.meshctl.model.testkit.Judges;
import dev.meshctl.model.testkit.TestIdentity;
import dev.meshctl.model.testkit.TranslationScenario;
import dev.meshctl.model.xds.XdsSnapshot;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A real Envoy reads what we would send it, {@code --mode validate}: every folder, and of each what
 * every proxy of its mesh would be told.
 */
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
    List<TranslationScenario> all = new ArrayList<>(TranslationScenario.all());
    all.addAll(TranslationScenario.samples());
    return all;
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void envoy_accepts_every_snapshot_whole(TranslationScenario scenario) throws Exception {
    for (Map.Entry<String, XdsSnapshot> told : scenario.everySnapshot().entrySet()) {
      Verdict verdict = verdict(StaticBootstrap.of(told.getValue(), identity));
      assertThat(verdict.complaints()).as("%s, told to %s", scenario, told.getKey()).isEmpty();
      assertThat(verdict.exitValue()).as(verdict.log()).isZero();
    }
  }

  @Test
  void envoy_would_tell_of_a_field_that_it_is_about_to_drop_or_does_not_know() throws Exception {
    Bootstrap good = StaticBootstrap.of(scenarios().getFirst().snapshot(), identity);
    Bootstrap.Builder deprecated = good.toBuilder();
    Cluster.Builder cluster = deprecated.getStaticResourcesBuilder().getClustersBuilder(0);
    cluster.setField(
        Cluster.getDescriptor().findFieldByName("common_http_protocol_options"),
        HttpProtocolOptions.getDefaultInstance());
    UnknownFieldSet.Field seven = UnknownFieldSet.Field.newBuilder().addVarint(7).build();
    Bootstrap.Builder unknown = good.toBuilder();
    unknown
        .getStaticResourcesBuilder()
        .getClustersBuilder(0)
        .setUnknownFields(UnknownFieldSet.newBuilder().addField(9_999, seven).build());

    assertThat(verdict(deprecated.build()).complaints()).isNotEmpty();
    assertThat(verdict(unknown.build()).complaints()).isNotEmpty();
    assertThat(verdict(good).complaints()).isEmpty();
  }

  /** What Envoy said: nothing but that it is well, or there are complaints. */
  private record Verdict(int exitValue, String log) {
    List<String> complaints() {
      return log.lines().filter(line -> !line.matches("configuration '.*' OK")).toList();
    }
  }

  private static Verdict verdict(Message bootstrap) throws IOException, InterruptedException {
    Path file = Files.createTempFile(temporary, "bootstrap", ".pb");
    Path log = Files.createTempFile(temporary, "envoy", ".log");
    Files.write(file, bootstrap.toByteArray());
    Process validation =
        new ProcessBuilder(
                envoy.toString(),
                "--mode",
                "validate",
                "--config-path",
                file.toString(),
                "--service-node",
                "test",
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
    return new Verdict(validation.exitValue(), Files.readString(log));
  }
}
