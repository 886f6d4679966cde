package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.integration.CommandLine;
import dev.meshctl.integration.CommandLine.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sidecars in pods of a real cluster, under the supervisor as process 1 of their containers,
 * ordered by the control plane in its pod, and both pods under load all the time.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PodPatchIT {
  private static final Duration SOON = Duration.ofMinutes(3);

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withNodes();

  @TempDir static Path folder = Path.of("");

  private static PatchedPods pods;
  private static int patches = 1;

  @BeforeAll
  static void start() throws IOException {
    pods = PatchedPods.start(CLUSTER, folder);
    pods.push("1.0.0");
  }

  @AfterAll
  static void stop() {
    if (pods != null) {
      pods.close();
    }
  }

  @Test
  @Order(1)
  void sidecars_become_the_next_version_in_their_pods_and_stay_so_whatever_is_shipped()
      throws IOException {
    Map<String, String> before = pods.containers();

    Result patched = pods.patch("1.0.0", "--ready", "150s");

    assertThat(patched.exitCode()).as(patched.out() + patched.err() + logs()).isZero();
    assertAllRun("1.0.0", before);
    assertThat(pods.log("server")).contains("supervisor: generation 1 holds");

    // Signed as they should be, but never to be shipped.
    pods.pushFaulty("1.0.1", "crash", "1.0.0");
    Result crashed = pods.patch("1.0.1");

    assertThat(crashed.exitCode()).as(crashed.out() + crashed.err()).isOne();
    assertThat(crashed.out() + crashed.err()).contains("it ended with 1 before it was ready");
    assertAllRun("1.0.0", before);

    pods.pushFaulty("1.0.2", "hang", "1.0.0");
    Result hung = pods.patch("1.0.2", "--ready", "5s");

    assertThat(hung.exitCode()).as(hung.out() + hung.err()).isOne();
    assertThat(hung.out() + hung.err()).contains("it was not ready in time");
    assertAllRun("1.0.0", before);
    assertThat(pods.asked()).as("requests").isGreaterThan(200);
  }

  private static void assertAllRun(String version, Map<String, String> before) {
    assertThat(pods.failed()).as(PodPatchIT::logs).isEmpty();
    assertThat(pods.versions())
        .containsExactlyInAnyOrderEntriesOf(Map.of("server", version, "client", version));
    assertThat(pods.containers()).as("containers").isEqualTo(before);
  }

  /** How far a patch is, as the supervisor of the pod says it. */
  enum Stage {
    ORDERED("orders"),
    STARTING("supervisor: generation \\d+ of /var/lib/meshctl/.*"),
    SERVING("supervisor: generation \\d+ serves"),
    HELD("supervisor: generation \\d+ holds");

    final String line;

    Stage(String line) {
      this.line = line;
    }
  }

  /** Who dies. */
  enum Fault {
    /** The replica that performs the patch. */
    CONTROL_PLANE,
    KUBELET,
    /** With it go all containers of the pod. */
    SHIM,
    NEWEST_RUNTIME
  }

  /**
   * Every stage and every fault with {@code -Dmeshctl.faults=all}, some with {@code
   * -Dmeshctl.faults=HELD:KUBELET,...}; else those that differ most.
   */
  static Stream<Arguments> faults() {
    String wanted = System.getProperty("meshctl.faults", "");
    if (wanted.equals("all")) {
      return Arrays.stream(Stage.values())
          .flatMap(stage -> Arrays.stream(Fault.values()).map(who -> Arguments.of(stage, who)));
    }
    String some = wanted.isEmpty() ? "STARTING:NEWEST_RUNTIME,SERVING:KUBELET" : wanted;
    return Arrays.stream(some.split(","))
        .map(each -> each.split(":"))
        .map(each -> Arguments.of(Stage.valueOf(each[0]), Fault.valueOf(each[1])));
  }

  @ParameterizedTest
  @MethodSource("faults")
  @Order(2)
  void whoever_dies_at_whatever_stage_no_pod_is_broken(Stage stage, Fault who) throws IOException {
    await().atMost(SOON).until(pods::quiet);
    String version = ++patches + ".0.0";
    pods.pushLike(version, "1.0.0");
    Map<String, String> before = pods.containers();
    int failedBefore = pods.failed().size();
    long askedBefore = pods.asked();
    long began = System.nanoTime();

    pods.begin(version, stage, "--ready", "150s");
    switch (who) {
      case CONTROL_PLANE -> pods.killControlPlane();
      case KUBELET -> CLUSTER.kill("kubelet", pods.of("server", "{.spec.nodeName}"));
      case SHIM -> CLUSTER.kill("shim", pods.namespace() + "/server");
      case NEWEST_RUNTIME -> pods.killNewestRuntime();
    }

    await().atMost(SOON).until(pods::quiet);
    pods.ready("server");
    pods.ready("client");
    long asked = pods.asked();
    await().atMost(SOON).until(() -> pods.asked() > asked + 50 && pods.answered(20));
    note(
        "%-9s %-15s %6.1f s  %6d requests, %d failed; the server's proxy runs %s"
            .formatted(
                stage,
                who,
                (System.nanoTime() - began) / 1e9,
                pods.asked() - askedBefore,
                pods.failed().size() - failedBefore,
                pods.versions().get("server")));
    // Whose container dies, or the process that serves, fails what it has in its hands.
    boolean serves = who == Fault.NEWEST_RUNTIME && stage != Stage.STARTING;
    if (who != Fault.SHIM && !serves) {
      assertThat(pods.failed()).as(PodPatchIT::logs).hasSize(failedBefore);
      assertThat(pods.containers()).as("containers").isEqualTo(before);
    }
  }

  /** For whoever runs them all: {@code kube/patch-faults}. */
  private static void note(String line) throws IOException {
    Path notes = CommandLine.root().resolve("proxy-runtime/integration-tests/target/cluster");
    Files.writeString(
        Files.createDirectories(notes).resolve("patch-faults.txt"),
        line + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private static String logs() {
    return "server:\n" + pods.log("server") + "client:\n" + pods.log("client");
  }
}
