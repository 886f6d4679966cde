package dev.meshctl.capture.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules judged by the kernel, in a namespace that is gone with its only process. */
class PodCaptureInKernelTest {

  @ParameterizedTest
  @ValueSource(strings = {"nft", "iptables-nft", "iptables-legacy"})
  void every_connection_meets_whom_it_should(String tool) throws Exception {
    assertThat(
            inPod(
                tool,
                "--dns-port=15053 --exclude-inbound-ports=15021",
                "workload 10.77.240.3:9080 10.77.1.4:9080 127.0.0.1:7070 10.77.1.9:53"
                    + " dns:10.77.0.1 dns:10.77.1.9 [fd77::9]:9080 [fd77::4]:9080"
                    + " sidecar 10.77.1.4:9080 127.0.0.1:9080 127.0.0.1:15000 10.77.1.4:15021"
                    + " 10.77.1.9:9080 [fd77::4]:9080 [::1]:9080"
                    + " outside 10.77.1.4:9080 10.77.1.4:15021 10.78.1.4:9080 [fd77::4]:9080"))
        .containsExactly(
            "false before",
            "captured by " + tool + ": IPv4 and IPv6",
            "workload 10.77.240.3:9080 outbound",
            "workload 10.77.1.4:9080 workload",
            "workload 127.0.0.1:7070 local",
            "workload 10.77.1.9:53 refused",
            "workload dns:10.77.0.1 sidecar from 10.77.0.1",
            "workload dns:10.77.1.9 sidecar from 10.77.1.9",
            "workload [fd77::9]:9080 outbound",
            "workload [fd77::4]:9080 workload6",
            "sidecar 10.77.1.4:9080 inbound",
            "sidecar 127.0.0.1:9080 workload",
            "sidecar 127.0.0.1:15000 admin",
            "sidecar 10.77.1.4:15021 health",
            "sidecar 10.77.1.9:9080 refused",
            "sidecar [fd77::4]:9080 inbound",
            "sidecar [::1]:9080 workload6",
            "outside 10.77.1.4:9080 inbound",
            "outside 10.77.1.4:15021 health",
            "outside 10.78.1.4:9080 inbound",
            "outside [fd77::4]:9080 inbound",
            "captured by " + tool + ": IPv4 and IPv6 again",
            "true as before",
            "removed: " + tool + " of IPV4, " + tool + " of IPV6",
            "there was nothing to remove",
            "true clean",
            "outside 10.77.1.4:9080 workload");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nft", "iptables-nft", "iptables-legacy"})
  void what_is_left_out_goes_its_own_way(String tool) throws Exception {
    assertThat(
            inPod(
                tool,
                "--include-inbound-ports=9080 --include-outbound-blocks=10.77.240.0/24,fd77::f0/124"
                    + " --exclude-outbound-blocks=10.77.240.7/32,10.77.240.6/31"
                    + " --include-outbound-ports=8443 --exclude-outbound-ports=3306"
                    + " --exclude-interfaces=eth1",
                "workload 10.77.240.3:9080 10.77.240.7:9080 10.77.1.9:9080 10.77.1.9:8443"
                    + " 10.77.240.3:3306 10.78.1.9:8443 [fd77::f0]:9080 [fd77::9]:9080"
                    + " outside 10.77.1.4:9080 10.77.1.4:9090 10.78.1.4:9080"))
        .contains(
            "workload 10.77.240.3:9080 outbound",
            "workload 10.77.240.7:9080 refused",
            "workload 10.77.1.9:9080 refused",
            "workload 10.77.1.9:8443 outbound",
            "workload 10.77.240.3:3306 refused",
            "workload 10.78.1.9:8443 refused",
            "workload [fd77::f0]:9080 outbound",
            "workload [fd77::9]:9080 refused",
            "outside 10.77.1.4:9080 inbound",
            "outside 10.77.1.4:9090 plain",
            "outside 10.78.1.4:9080 second",
            "true as before",
            "true clean");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nft", "iptables-nft", "iptables-legacy"})
  void without_the_privilege_it_is_said_what_is_missing_and_what_to_do(String tool)
      throws Exception {
    assumeThatNamespacesCanBeMade(tool);

    Process pod =
        new ProcessBuilder(
                command(
                    List.of("unshare", "--net", "setpriv", "--bounding-set=-net_admin"),
                    List.of("try", tool)))
            .redirectErrorStream(true)
            .start();
    try {
      assertThat(new String(pod.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("this container may not change its network (")
          .contains("it needs the capability NET_ADMIN", "let a node agent capture");
    } finally {
      pod.destroyForcibly();
    }
  }

  @Test
  void without_a_program_it_is_said_what_the_image_needs() {
    PodCapture capture =
        new PodCapture((command, input) -> new Programs.Ran(Programs.Ran.MISSING, "", ""), false);

    assertThatThrownBy(capture::remove)
        .isInstanceOf(CaptureException.class)
        .hasMessageStartingWith("no program loads rules here (nft: no such program; iptables-nft: ")
        .hasMessageContaining("the image needs nft or iptables");
  }

  private static List<String> inPod(String tool, String options, String calls) throws Exception {
    assumeThatNamespacesCanBeMade(tool);
    List<String> words = new ArrayList<>(List.of(tool));
    words.addAll(List.of(options.split(" ")));
    words.add("--");
    words.addAll(List.of(calls.split(" ")));
    Process pod =
        new ProcessBuilder(command(List.of("unshare", "--net"), words))
            .redirectErrorStream(true)
            .start();
    try {
      String said = new String(pod.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(pod.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return said.lines().toList();
    } finally {
      pod.descendants().forEach(ProcessHandle::destroyForcibly);
      pod.destroyForcibly();
    }
  }

  private static List<String> command(List<String> within, List<String> words) {
    List<String> command = new ArrayList<>(within);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.add(PodProbe.class.getName());
    command.addAll(words);
    return command;
  }

  private static void assumeThatNamespacesCanBeMade(String tool) throws IOException {
    String missing = "";
    if (!System.getProperty("os.name", "").equals("Linux")
        || !Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
      missing = "root on Linux";
    }
    if (!Files.exists(Path.of("/proc/net/if_inet6"))) {
      missing = "IPv6";
    }
    for (String program :
        List.of(
            "unshare", "nsenter", "ip", "setpriv", tool.equals("nft") ? tool : tool + "-restore")) {
      if (!onPath(program)) {
        missing = program;
      }
    }
    if (!missing.isEmpty()) {
      System.err.println(
          "SKIPPED: rules of " + tool + " are not tried in the kernel: no " + missing);
    }
    String lacking = missing;
    Assumptions.assumeTrue(missing.isEmpty(), () -> "needs " + lacking);
  }

  private static boolean onPath(String program) {
    for (String path : System.getenv("PATH").split(":")) {
      if (Files.isExecutable(Path.of(path, program))) {
        return true;
      }
    }
    return false;
  }
}
