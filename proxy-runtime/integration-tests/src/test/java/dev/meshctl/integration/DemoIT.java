package dev.meshctl.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The main job, as a user starts it. */
class DemoIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @TempDir Path state;

  @Test
  void every_split_is_kept_and_no_request_fails_where_workloads_point_at_their_sidecars() {
    CommandLine.Result demo =
        new CommandLine(state).run(LIMIT, "demo", "--json", "--seconds", "12");

    assertThatTheMeshDidItsJob(demo);
  }

  @Test
  void every_split_is_kept_and_no_request_fails_where_the_kernel_redirects() {
    Privileges.assumeTransparentCapture();

    CommandLine.Result demo =
        new CommandLine(state).run(LIMIT, "demo", "--transparent", "--json", "--seconds", "12");

    assertThatTheMeshDidItsJob(demo);
  }

  private static void assertThatTheMeshDidItsJob(CommandLine.Result demo) {
    assertThat(demo.exitCode()).as("exit code%n%s%n%s", demo.out(), demo.err()).isZero();
    JsonNode report = new ObjectMapper().readTree(demo.lastLine());
    assertThat(report.path("requests").asLong()).isGreaterThan(200);
    assertThat(report.path("failed").asLong()).isZero();
    assertThat(report.path("phases")).hasSize(4);
    assertThat(report.path("edges").size()).isGreaterThanOrEqualTo(6);
    for (JsonNode edge : report.path("edges")) {
      assertThat(edge.path("errors").asLong()).as(edge.toString()).isZero();
      assertThat(edge.path("p50Ms").asDouble()).isLessThanOrEqualTo(edge.path("p99Ms").asDouble());
      assertThat(edge.has("mtls")).isTrue();
    }
    assertThat(report.path("edges"))
        .as("calls between workloads are over mTLS")
        .anySatisfy(edge -> {
          assertThat(edge.path("destination").asString()).contains("reviews");
          assertThat(edge.path("mtls").toString()).isIn("true", "1", "1.0");
        });
  }
}
