package dev.meshctl.integration.judges;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.Judges;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** gRPC, gRPC-Web and Connect over HTTP/1.1 and 2 through our proxy. */
class ConnectConformanceIT {
  private static final String FEATURES =
      """
      features:
        versions: [HTTP_VERSION_1, HTTP_VERSION_2]
        supportsH2c: true
        supportsTls: false
        supportsTlsClientCerts: false
      """;

  @Test
  void every_case_passes_through_the_proxy(@TempDir Path folder) throws Exception {
    Path judge = Judges.connectConformance();
    Path features = folder.resolve("features.yaml");
    Files.writeString(features, FEATURES);

    JudgeRun run =
        JudgeRun.of(
            "connectconformance",
            List.of(
                judge.resolve("connectconformance").toString(),
                "--mode",
                "server",
                "--conf",
                features.toString(),
                "--max-servers",
                "2",
                "--",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ConformanceServer.class.getName(),
                judge.resolve("referenceserver").toString()));

    assertThat(run.output()).containsPattern("[1-9][0-9]* passed, 0 failed");
    assertThat(run.exit()).isZero();
  }
}
