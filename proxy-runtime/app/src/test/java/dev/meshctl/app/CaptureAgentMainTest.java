package dev.meshctl.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.model.testkit.Judges;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The plugin as a container runtime calls it, and the agent behind it, on namespaces just made. */
class CaptureAgentMainTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String RESULT =
      "{\"cniVersion\": \"1.0.0\", \"ips\": [{\"address\": \"10.1.0.7/24\"}]}";
  private static final String INPUT =
      """
      {"cniVersion": "1.0.0", "name": "pods", "type": "meshctl-cni",
       "runtimeConfig": {"io.kubernetes.cri.pod-annotations": {
         "kubectl.kubernetes.io/last-applied-configuration": "{\\"meshctl.dev/capture\\":\\"--x=1\\"}",
         "meshctl.dev/capture": "%s"}},
       "prevResult":\
      """
          + RESULT
          + "}";
  private static final String OPTIONS = "--exclude-inbound-ports=15020";
  private static final String LIST =
      "{\"cniVersion\": \"1.0.0\", \"name\": \"n\", \"plugins\": [\n  {\"type\": \"bridge\"}\n]}\n";

  @TempDir Path folder;
  private Path program = Path.of("");
  private Path plugins = Path.of("");
  private Path networks = Path.of("");
  private final List<java.lang.Process> started = new ArrayList<>();

  private record Ran(int status, String out) {}

  @BeforeEach
  void prepare() throws Exception {
    program = folder.resolve("built");
    Ran built = ran(new ProcessBuilder(source("build").toString(), program.toString()), "");
    assertThat(built.status()).as(built.out()).isZero();
    plugins = Files.createDirectory(folder.resolve("bin"));
    networks = Files.createDirectory(folder.resolve("net.d"));
    Files.writeString(plugins.resolve("bridge"), "");
    Files.writeString(networks.resolve("10-net.conflist"), LIST);
  }

  private static Path source(String name) {
    return Judges.root().resolve("proxy-runtime/capture/cni").resolve(name);
  }

  @AfterEach
  void stop() {
    started.forEach(java.lang.Process::destroyForcibly);
  }

  @Test
  void a_pods_network_is_captured_when_it_is_made() throws Exception {
    assumeThatNamespacesCanBeMade();
    startAgent();
    String pod = network();
    assertThat(plugin("CHECK", pod, OPTIONS).out()).contains("the pod's rules are gone");

    Ran added = plugin("ADD", pod, OPTIONS);

    assertThat(added.out()).contains("\"ips\":[{\"address\":\"10.1.0.7/24\"}]");
    assertThat(added.status()).isZero();
    assertThat(rules(pod)).contains("dnat to 10.1.0.7", "redirect to :15006", "15020");
    assertThat(rules("/proc/self/ns/net")).as("of the node").doesNotContain("table ip meshctl");
    assertThat(plugin("CHECK", pod, OPTIONS)).isEqualTo(new Ran(0, ""));
    assertThat(plugin("DEL", pod, OPTIONS)).isEqualTo(new Ran(0, ""));
  }

  @Test
  void many_pods_may_start_at_once() throws Exception {
    assumeThatNamespacesCanBeMade();
    startAgent();
    List<String> pods = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      pods.add(network());
    }

    List<Integer> statuses =
        pods.parallelStream()
            .map(pod -> {
              try {
                return plugin("ADD", pod, OPTIONS).status();
              } catch (Exception failed) {
                throw new AssertionError(failed);
              }
            })
            .toList();

    assertThat(statuses).containsOnly(0);
    for (String pod : pods) {
      assertThat(rules(pod)).contains("redirect to :15006");
    }
  }

  @Test
  void a_pod_that_cannot_be_captured_gets_no_network_and_hears_why() throws Exception {
    startAgent();

    Ran refused = plugin("ADD", "/dev/null", OPTIONS);

    assertThat(refused.status()).isEqualTo(1);
    JsonNode said = new JsonMapper().readTree(refused.out());
    assertThat(said.path("cniVersion").stringValue()).isEqualTo("1.0.0");
    assertThat(said.path("code").intValue()).isEqualTo(100);
    assertThat(said.path("msg").stringValue())
        .startsWith("meshctl: the pod is not captured: the pod's network ")
        .contains("cannot be entered");
    assertThat(plugin("ADD", "/dev/null", "--nonsense").out())
        .contains("\"code\":7", "annotation meshctl.dev/capture of the pod: what is --nonsense?");
    assertThat(plugin("ADD", "/none", OPTIONS).out())
        .contains("\"code\":4", "CNI_NETNS: /none: No such file or directory");
  }

  @Test
  void a_killed_agent_holds_up_pods_that_ask_until_another_is_there_and_nobody_else()
      throws Exception {
    assumeThatNamespacesCanBeMade();
    startAgent().destroyForcibly().waitFor();
    String pod = network();

    Ran held = plugin("ADD", pod, OPTIONS);
    Ran other = plugin("ADD", "/none", "");

    assertThat(held.status()).isEqualTo(1);
    assertThat(held.out())
        .contains("\"code\":11", "the node agent does not answer", "Connection refused")
        .contains("DaemonSet meshctl-node-agent");
    assertThat(new JsonMapper().readTree(held.out()).path("msg").isString()).isTrue();
    assertThat(other).isEqualTo(new Ran(0, RESULT + "\n"));
    for (String command : List.of("DEL", "GC", "STATUS")) {
      assertThat(plugin(command, "", OPTIONS)).as(command).isEqualTo(new Ran(0, ""));
    }

    startAgent();
    assertThat(plugin("ADD", pod, OPTIONS).status()).isZero();
  }

  @Test
  void the_plugin_speaks_the_versions_whose_results_pass_through() throws Exception {
    Files.copy(program, plugins.resolve("meshctl-cni"), StandardCopyOption.COPY_ATTRIBUTES);

    assertThat(plugin("VERSION", "", "").out()).contains("supportedVersions", "\"1.1.0\"");
    assertThat(plugin("", "", "").out()).contains("\"code\":4");
    assertThat(plugin("FLY", "", "").out()).contains("\"code\":4", "CNI_COMMAND: 'FLY'");
    assertThat(run(Map.of("CNI_COMMAND", "ADD"), "[]").out()).contains("\"code\":6");
    assertThat(run(Map.of("CNI_COMMAND", "ADD"), "{\"cniVersion\": \"0.4.0\"}").out())
        .contains("\"cniVersion\":\"0.4.0\",\"code\":7", "no prevResult");
    for (String cut :
        List.of("{", "{\"a", "{\"a\":", "{\"a\":{\"b\":[", "{\"prevResult\": {", "{\"\\")) {
      assertThat(run(Map.of("CNI_COMMAND", "ADD"), cut).status()).as(cut).isEqualTo(1);
    }
  }

  @Test
  void the_nodes_list_is_followed_and_nothing_is_left_at_the_end() throws Exception {
    Path other = networks.resolve("99-other.conflist");
    Files.writeString(other, LIST);
    Files.setPosixFilePermissions(
        networks.resolve("10-net.conflist"), PosixFilePermissions.fromString("rw-r-----"));
    Map<String, String> before = content();
    java.lang.Process agent = startAgent();
    assertThat(Files.readString(networks.resolve("10-net.conflist")))
        .contains("},\n  {\"type\":\"meshctl-cni\"");
    assertThat(Files.readString(other)).isEqualTo(LIST);
    assertThat(content().get("bin/meshctl-cni.sock")).startsWith("rw-------");

    // The network plugin writes its file anew.
    Files.writeString(networks.resolve("10-net.conflist"), LIST.replace("bridge", "ptp"));
    await().atMost(SOON).until(() -> has("10-net.conflist"));
    // Another plugin's file comes to be the one in force.
    Files.writeString(networks.resolve("05-new.conflist"), LIST);
    await().atMost(SOON).until(() -> has("05-new.conflist") && !has("10-net.conflist"));
    Files.move(networks.resolve("05-new.conflist"), networks.resolve("05-new.conflist.aside"));
    Files.delete(networks.resolve("10-net.conflist"));
    await().atMost(SOON).until(() -> has("99-other.conflist"));
    Files.writeString(networks.resolve("10-net.conflist"), LIST);
    Files.setPosixFilePermissions(
        networks.resolve("10-net.conflist"), PosixFilePermissions.fromString("rw-r-----"));
    await().atMost(SOON).until(() -> has("10-net.conflist") && !has("99-other.conflist"));

    agent.destroy();
    assertThat(agent.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();

    Files.delete(networks.resolve("05-new.conflist.aside"));
    assertThat(content()).isEqualTo(before);
  }

  @Test
  void a_node_without_a_network_is_waited_for() throws Exception {
    Files.delete(networks.resolve("10-net.conflist"));
    java.lang.Process agent = agent();
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(ready().out()).contains("no list of plugins in " + networks));
    assertThat(ready().status()).isEqualTo(1);

    Files.writeString(networks.resolve("10-net.conf"), "{\"type\": \"bridge\"}");
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(ready().out()).contains("has to become a .conflist"));
    Files.delete(networks.resolve("10-net.conf"));
    Files.writeString(networks.resolve("10-net.conflist"), LIST);

    await().atMost(SOON).until(() -> ready().status() == 0);
    assertThat(agent.isAlive()).isTrue();
  }

  private boolean has(String name) throws IOException {
    return Files.readString(networks.resolve(name)).contains("meshctl-cni");
  }

  /** Every file with its permissions and text. */
  private Map<String, String> content() throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> files = Stream.concat(Files.list(plugins), Files.list(networks))) {
      for (Path file : files.toList()) {
        content.put(
            folder.relativize(file).toString(),
            PosixFilePermissions.toString(Files.getPosixFilePermissions(file))
                + (Files.isRegularFile(file) && !file.endsWith("meshctl-cni")
                    ? Files.readString(file)
                    : ""));
      }
    }
    return content;
  }

  private java.lang.Process startAgent() throws Exception {
    java.lang.Process agent = agent();
    await().atMost(SOON).until(() -> ready().status() == 0);
    return agent;
  }

  private java.lang.Process agent() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path")));
    command.add(CaptureAgentMain.class.getName());
    command.addAll(List.of("--program", program.toString(), "--plugins", plugins.toString()));
    command.addAll(List.of("--networks", networks.toString()));
    java.lang.Process agent = new ProcessBuilder(command).inheritIO().start();
    started.add(agent);
    return agent;
  }

  private Ran ready() throws Exception {
    return ran(
        new ProcessBuilder(
            program.toString(), "ready", plugins.resolve("meshctl-cni.sock").toString()),
        "");
  }

  private Ran plugin(String command, String network, String options) throws Exception {
    return run(Map.of("CNI_COMMAND", command, "CNI_NETNS", network), INPUT.formatted(options));
  }

  /** Where the agent put it. */
  private Ran run(Map<String, String> variables, String input) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(plugins.resolve("meshctl-cni").toString());
    builder.environment().putAll(variables);
    return ran(builder, input);
  }

  private static Ran ran(ProcessBuilder builder, String input) throws Exception {
    java.lang.Process process = builder.redirectErrorStream(true).start();
    try {
      try (OutputStream in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException unread) {
        // It needs none.
      }
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      return new Ran(process.exitValue(), out);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String rules(String network) throws Exception {
    return ran(new ProcessBuilder("nsenter", "--net=" + network, "nft", "list", "ruleset"), "")
        .out();
  }

  /** A new one, which is there until the test ends. */
  private String network() throws Exception {
    java.lang.Process pod = new ProcessBuilder("unshare", "--net", "sleep", "60").start();
    started.add(pod);
    Path network = Path.of("/proc/" + pod.pid() + "/ns/net");
    Path own = Path.of("/proc/self/ns/net");
    await()
        .until(() ->
            pod.isAlive() && !Files.readSymbolicLink(network).equals(Files.readSymbolicLink(own)));
    return network.toString();
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
      System.err.println(
          "SKIPPED: capture by the node is not tried: needs root, unshare, nsenter, nft");
    }
    Assumptions.assumeTrue(root && programs);
  }
}
