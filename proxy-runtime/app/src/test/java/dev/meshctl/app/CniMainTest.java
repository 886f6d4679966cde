package dev.meshctl.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The plugin as a container runtime calls it, on a namespace just made. */
class CniMainTest {
  private static final String INPUT =
      """
      {"cniVersion": "1.0.0", "name": "pods", "type": "meshctl-cni",
       "runtimeConfig": {"io.kubernetes.cri.pod-annotations": {"meshctl.dev/capture": "%s"}},
       "prevResult": {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.7/24"}]}}
      """;
  private static final String OPTIONS = "--exclude-inbound-ports=15020";

  @TempDir Path folder;

  private record Ran(int status, String out) {}

  @Test
  void a_pods_network_is_captured_when_it_is_made() throws Exception {
    assumeThatNamespacesCanBeMade();
    java.lang.Process pod = new ProcessBuilder("unshare", "--net", "sleep", "60").start();
    try {
      String network = "/proc/" + pod.pid() + "/ns/net";
      awaitNetworkOf(pod, network);
      assertThat(plugin("CHECK", network, INPUT.formatted(OPTIONS)).status())
          .as("not captured yet")
          .isEqualTo(1);

      Ran added = plugin("ADD", network, INPUT.formatted(OPTIONS));

      assertThat(added.out()).contains("\"ips\":[{\"address\":\"10.1.0.7/24\"}]");
      assertThat(added.status()).isZero();
      assertThat(rules(network)).contains("dnat to 10.1.0.7", "redirect to :15006", "15020");
      assertThat(rules("/proc/self/ns/net")).as("of the node").doesNotContain("table ip meshctl");
      assertThat(plugin("CHECK", network, INPUT.formatted(OPTIONS)).status()).isZero();
      assertThat(plugin("DEL", network, INPUT.formatted(OPTIONS))).isEqualTo(new Ran(0, "\n"));
    } finally {
      pod.destroyForcibly();
    }
  }

  @Test
  void a_pod_that_does_not_ask_keeps_its_network_and_one_that_cannot_be_captured_gets_none()
      throws Exception {
    Ran plain = plugin("ADD", "/none", INPUT.formatted(""));
    assertThat(plain.status()).isZero();
    assertThat(plain.out()).startsWith("{\"cniVersion\":\"1.0.0\",\"ips\"");

    Ran refused = plugin("ADD", "/none", INPUT.formatted(OPTIONS));
    assertThat(refused.status()).isEqualTo(1);
    JsonNode said = new JsonMapper().readTree(refused.out());
    assertThat(said.path("code").intValue()).isEqualTo(100);
    assertThat(said.path("msg").stringValue()).startsWith("meshctl: the pod is not captured: ");

    assertThat(plugin("VERSION", "", "").out()).contains("supportedVersions");
  }

  @Test
  void the_nodes_list_is_edited_and_put_back() throws Exception {
    Path list = folder.resolve("10-net.conflist");
    String before = "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"plugins\":[{\"type\":\"bridge\"}]}";
    Files.writeString(list, before);
    Files.writeString(folder.resolve("99-other.conflist"), before);

    assertThat(run(Map.of(), "", "install", folder.toString(), "10.96.0.10").out())
        .isEqualTo("cni: " + list + ": changed\n");
    assertThat(Files.readString(list)).contains("meshctl-cni", "10.96.0.10");
    assertThat(run(Map.of(), "", "install", folder.toString(), "10.96.0.10").out())
        .isEqualTo("cni: " + list + ": nothing to do\n");
    assertThat(run(Map.of(), "", "remove", folder.toString()).status()).isZero();
    assertThat(new JsonMapper().readTree(Files.readString(list)))
        .isEqualTo(new JsonMapper().readTree(before));
    assertThat(Files.readString(folder.resolve("99-other.conflist"))).isEqualTo(before);
  }

  private static Ran plugin(String command, String network, String input) throws Exception {
    return run(Map.of("CNI_COMMAND", command, "CNI_NETNS", network), input);
  }

  private static Ran run(Map<String, String> variables, String input, String... words)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.add(CniMain.class.getName());
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(variables);
    return run(builder, input);
  }

  private static Ran run(ProcessBuilder builder, String input) throws Exception {
    java.lang.Process process = builder.start();
    try {
      try (OutputStream in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      }
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      return new Ran(process.exitValue(), out);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String rules(String network) throws Exception {
    return run(new ProcessBuilder("nsenter", "--net=" + network, "nft", "list", "ruleset"), "")
        .out();
  }

  /** Until the child has left our network for its own. */
  private static void awaitNetworkOf(java.lang.Process pod, String network) {
    org.awaitility.Awaitility.await()
        .until(() ->
            pod.isAlive()
                && !Files.readSymbolicLink(Path.of(network))
                    .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/net"))));
  }

  private static void assumeThatNamespacesCanBeMade() throws IOException {
    boolean root =
        System.getProperty("os.name", "").equals("Linux")
            && Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    boolean programs =
        List.of("unshare", "nsenter", "nft").stream()
            .allMatch(program ->
                List.of(System.getenv("PATH").split(":")).stream()
                    .anyMatch(path -> Files.isExecutable(Path.of(path, program))));
    if (!root || !programs) {
      System.err.println("SKIPPED: the CNI plugin is not tried: needs root, unshare, nsenter, nft");
    }
    Assumptions.assumeTrue(root && programs);
  }
}
