package dev.meshctl.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * {@code samples/live-patch/run} as users have it, in its short form: every proxy of the bookshop
 * in waves, the runner and the control plane dead in between, then a version that passes the
 * self-test and fails real requests. The long form has each bad bundle.
 */
class LivePatchShowIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PATIENCE_MINUTES = 12;

  @TempDir private Path folder;

  @Test
  void all_proxies_are_patched_in_waves_whoever_dies_and_the_gate_takes_a_bad_version_back()
      throws Exception {
    Path out = folder.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder(
                CommandLine.root().resolve("samples/live-patch/run").toString(),
                "--json",
                "--local",
                "--quick",
                "--kill",
                "--faults",
                "fail")
            .redirectOutput(out.toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().put("MESHCTL_BUILD", "never");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process show = builder.start();
    boolean ended = show.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
    if (!ended) {
      // Its own end takes the mesh down.
      show.destroy();
      show.waitFor(1, TimeUnit.MINUTES);
    }
    String said = Files.readString(out) + Files.readString(folder.resolve("err"));
    assertThat(ended).as(said).isTrue();
    assertThat(show.exitValue()).as(said).isZero();
    List<JsonNode> lines = Files.readAllLines(out).stream().map(JSON::readTree).toList();
    JsonNode last = lines.getLast();
    assertThat(last.path("failed").asInt(-1)).as(said).isZero();
    assertThat(last.path("requests").asInt()).isGreaterThan(2_000);
    assertThat(last.path("proxies").asInt()).isEqualTo(10);
    assertThat(last.path("patched").asInt()).isEqualTo(10);
    assertThat(last.path("rolledBack").asInt()).isEqualTo(1);
    assertThat(last.path("containerRestarts").asInt(-1)).isZero();
    assertThat(lines)
        .filteredOn(line -> line.path("fault").asString("").equals("fail"))
        .singleElement()
        .satisfies(line -> {
          assertThat(line.path("problem").asString()).startsWith("the gate: ");
          assertThat(line.path("failed").asInt()).isPositive();
          assertThat(line.path("onGood").asInt()).isEqualTo(10);
        });
  }
}
