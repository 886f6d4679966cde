package dev.meshctl.integration.judges;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.Judges;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

    JudgeRun run = judge("connectconformance", judge, folder, before(judge));

    assertThat(run.output()).containsPattern("[1-9][0-9]* passed, 0 failed");
    assertThat(run.exit()).isZero();
  }

  @Test
  void the_direct_score_stands_beside(@TempDir Path folder) throws Exception {
    Path judge = Judges.connectConformance();
    List<String> direct = List.of(judge.resolve("referenceserver").toString());

    JudgeRun run = judge("connectconformance-direct", judge, folder, direct);

    assertThat(run.output()).containsPattern("[1-9][0-9]* passed");
  }

  @Test
  void the_score_of_envoy_stands_beside(@TempDir Path folder) throws Exception {
    Path judge = Judges.connectConformance();
    Judges.envoy();
    List<String> before = new ArrayList<>(before(judge));
    before.add(folder.toString());

    JudgeRun run = judge("connectconformance-envoy", judge, folder, before);

    assertThat(run.output()).containsPattern("[1-9][0-9]* passed");
  }

  /** Our proxy before the judge's reference server. */
  private static List<String> before(Path judge) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "--enable-native-access=ALL-UNNAMED",
        "-Dmeshctl.root=" + Judges.root(),
        "-cp",
        System.getProperty("java.class.path"),
        ConformanceServer.class.getName(),
        judge.resolve("referenceserver").toString());
  }

  private static JudgeRun judge(String name, Path judge, Path folder, List<String> server)
      throws Exception {
    Path features = folder.resolve("features.yaml");
    Files.writeString(features, FEATURES);
    List<String> command =
        new ArrayList<>(
            List.of(
                judge.resolve("connectconformance").toString(),
                "--mode",
                "server",
                "--conf",
                features.toString(),
                "--max-servers",
                "2",
                "--"));
    command.addAll(server);
    return JudgeRun.of(name, command);
  }
}
