package dev.meshctl.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules judged by the kernel, in a namespace that is gone with its only process. */
class RedirectionTest {
  private static final RedirectPlan PLAN =
      RedirectPlan.of(RedirectionProbe.POD, RedirectionProbe.NAMESERVER, List.of("10.77.0.5"));

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"iptables", "nft"})
  void every_connection_meets_whom_it_should(String tool) throws Exception {
    assumeThatNamespacesCanBeMade(tool);

    assertThat(inPod(tool))
        .containsExactly(
            "workload 10.77.240.3:9080 outbound",
            "workload 10.77.1.4:9080 workload",
            "workload 127.0.0.1:7070 local",
            "workload 10.77.1.9:9080 outbound",
            "workload 10.9.9.9:53 outbound",
            "workload dns sidecar from 10.77.0.1",
            "sidecar 10.77.1.4:9080 inbound",
            "sidecar 127.0.0.1:9080 workload");
  }

  private List<String> inPod(String tool) throws IOException, InterruptedException {
    Path rules = folder.resolve("rules");
    String load =
        switch (tool) {
          case "nft" -> {
            Files.writeString(rules, NftRules.table(PLAN));
            yield "nft -f " + rules;
          }
          default -> {
            Files.writeString(rules, IptablesRules.restore(PLAN));
            yield "iptables-restore -w <" + rules;
          }
        };
    String script =
        String.join(
            "\n",
            "set -e",
            "ip link set lo up",
            "ip link add eth0 type veth peer name other",
            "ip link set other up",
            "ip addr add " + RedirectionProbe.POD + "/16 dev eth0",
            "ip link set eth0 up",
            "ip route add default via " + RedirectionProbe.NAMESERVER,
            load,
            "exec "
                + Path.of(System.getProperty("java.home"), "bin", "java")
                + " -XX:TieredStopAtLevel=1 -cp '"
                + System.getProperty("java.class.path")
                + "' "
                + RedirectionProbe.class.getName());
    Process pod =
        new ProcessBuilder("unshare", "--net", "sh", "-c", script)
            .redirectErrorStream(true)
            .start();
    try {
      String said = new String(pod.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(pod.waitFor(30, TimeUnit.SECONDS)).isTrue();
      return said.lines().toList();
    } finally {
      pod.destroyForcibly();
    }
  }

  private static void assumeThatNamespacesCanBeMade(String tool) throws IOException {
    String missing = "";
    if (!System.getProperty("os.name", "").equals("Linux")
        || !Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
      missing = "root on Linux";
    }
    for (String program : List.of("unshare", "ip", "setpriv", tool)) {
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
