package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.integration.CommandLine;
import dev.meshctl.integration.CommandLine.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pods that get no NET_ADMIN, captured by their nodes. {@code MESHCTL_TEST_CNI=PLUGINS:NETWORKS}
 * says where the nodes of another cluster have their folders.
 */
class NodeAgentIT {
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final String[] FOLDERS =
      System.getenv()
          .getOrDefault("MESHCTL_TEST_CNI", "/var/lib/cni/bin:/var/lib/cni/net.d")
          .split(":");

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withNodes();

  @TempDir static Path scratch = Path.of("");
  private static Map<String, String> before = Map.of();

  @BeforeAll
  static void install() throws IOException {
    OurImage.load(CLUSTER);
    before = nodes();
    List<String> words = new ArrayList<>(List.of("install", "--timeout", "150"));
    words.addAll(OurImage.values());
    for (String value :
        List.of(
            "controlPlane.replicas=1",
            "nodeAgent.enabled=true",
            "proxy.capture=NODE_AGENT",
            "nodeAgent.pluginFolder=" + FOLDERS[0],
            "nodeAgent.networkFolder=" + FOLDERS[1])) {
      words.addAll(List.of("--set", value));
    }
    Result said = meshctl(words.toArray(String[]::new));
    assertThat(said.exitCode()).as(said.out() + said.err()).isZero();
    assertThat(said.out()).contains("create     DaemonSet.apps meshctl-node-agent/");
    // Install waited until every node had it in its list.
    nodes()
        .forEach((node, content) ->
            assertThat(content).as(node).contains("\"meshctl-cni\"", "/meshctl-cni.sock s 600"));
  }

  @AfterAll
  static void nodes_are_as_they_were() {
    CLUSTER.deleteNamespacesOfTest();
    await().atMost(SOON).until(() -> sidecars().isEmpty());
    Result gone = meshctl("uninstall");
    assertThat(gone.exitCode()).as(gone.out() + gone.err()).isZero();
    assertThat(nodes()).isEqualTo(before);
  }

  @Test
  void pods_under_restricted_are_captured_both_ways_and_one_that_does_not_ask_is_left_alone() {
    String shop = restricted("shop", true);
    String outside = restricted("outside", false);
    CLUSTER.apply(pod(shop, "web") + "---\n" + pod(shop, "client") + STRICT.formatted(shop)).text();
    CLUSTER.apply(pod(outside, "plain")).text();
    ready(shop, "web", "client");
    ready(outside, "plain");

    assertThat(captured())
        .containsEntry(address(outside, "plain"), false)
        .containsEntry(address(shop, "web"), true)
        .containsEntry(address(shop, "client"), true);
    // Out: the sidecar has made it mutual TLS. In: the other has asked for that, and taken it off.
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(fetch(shop, "client", "web." + shop).out()).isEqualTo("hello\n"));
    assertThat(fetch(outside, "plain", "web." + shop).exit()).as("without mutual TLS").isNotZero();
    assertThat(fetch(outside, "plain", "plain." + outside).text())
        .as("among themselves")
        .isEqualTo("hello");
  }

  @Test
  void while_no_agent_answers_pods_that_ask_wait_and_say_so_and_all_others_start() {
    String shop = restricted("shop", true);
    String outside = restricted("outside", false);
    nodeSelector("\"true\"");
    try {
      await().atMost(SOON).until(() -> agents().isEmpty());
      assertThat(nodes().toString()).as("what the next agent finds").contains("\"meshctl-cni\"");

      CLUSTER.apply(pod(shop, "held") + "---\n" + pod(outside, "other")).text();

      ready(outside, "other");
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(
                      CLUSTER
                          .kubectl(
                              "-n",
                              shop,
                              "get",
                              "events",
                              "--field-selector=reason=FailedCreatePodSandBox",
                              "-o",
                              "jsonpath={.items[*].message}")
                          .text())
                  .contains("meshctl: this pod asks the node to capture its traffic")
                  .contains("DaemonSet meshctl-node-agent"));
    } finally {
      nodeSelector("null");
    }
    ready(shop, "held");
    assertThat(captured()).containsEntry(address(shop, "held"), true);
  }

  /** Where no pod may have NET_ADMIN. */
  private static String restricted(String purpose, boolean meshed) {
    String namespace = CLUSTER.namespace(purpose);
    CLUSTER
        .kubectl(
            "label",
            "namespace",
            namespace,
            "pod-security.kubernetes.io/enforce=restricted",
            "istio-injection=" + (meshed ? "enabled" : "disabled"))
        .text();
    return namespace;
  }

  /** Agents are wanted on nodes that have a label, which none has, or on all. */
  private static void nodeSelector(String value) {
    CLUSTER
        .kubectl(
            "-n",
            "meshctl-node-agent",
            "patch",
            "daemonset",
            "meshctl-node-agent",
            "--patch",
            "{\"spec\":{\"template\":{\"spec\":{\"nodeSelector\":{\"nowhere\":" + value + "}}}}}")
        .text();
  }

  private static String agents() {
    return CLUSTER.kubectl("-n", "meshctl-node-agent", "get", "pods", "-o", "name").text();
  }

  private static String sidecars() {
    return CLUSTER
        .kubectl("get", "pods", "-A", "-l", "security.istio.io/tlsMode=istio", "-o", "name")
        .text();
  }

  private static void ready(String namespace, String... pods) {
    List<String> words =
        new ArrayList<>(
            List.of("-n", namespace, "wait", "--for=condition=Ready", "--timeout=120s"));
    for (String pod : pods) {
      words.add("pod/" + pod);
    }
    Output waited = CLUSTER.kubectl(words.toArray(String[]::new));
    assertThat(waited.exit())
        .as(() -> waited.err() + CLUSTER.kubectl("-n", namespace, "describe", "pods").out())
        .isZero();
  }

  private static String address(String namespace, String pod) {
    return CLUSTER
        .kubectl("-n", namespace, "get", "pod", pod, "-o", "jsonpath={.status.podIP}")
        .text();
  }

  private static Output fetch(String namespace, String pod, String host) {
    return CLUSTER.kubectl(
        "-n",
        namespace,
        "exec",
        pod,
        "-c",
        "app",
        "--",
        "timeout",
        "5",
        "wget",
        "-qO-",
        "http://" + host + ".svc.cluster.local:8080/");
  }

  /** Which pods' networks have our rules, by their address; those of the cluster's own left out. */
  private static Map<String, Boolean> captured() {
    Map<String, Boolean> captured = new TreeMap<>();
    for (String node : CLUSTER.nodes()) {
      CLUSTER
          .onNode(
              node,
              "sh",
              "-c",
              "for n in /run/netns/*; do nsenter --net=$n sh -c"
                  + " 'echo $(ip -o -4 addr show eth0 | sed \"s/.*inet //; s,/.*,,\")"
                  + " $(nft list tables)' || :; done")
          .text()
          .lines()
          .forEach(line -> captured.put(line.split(" ")[0], line.contains("ip meshctl")));
    }
    captured.keySet().retainAll(addressesOfTest());
    return captured;
  }

  private static List<String> addressesOfTest() {
    return List.of(
        CLUSTER
            .kubectl(
                "get",
                "pods",
                "-A",
                "-l",
                "it=node-agent",
                "-o",
                "jsonpath={.items[*].status.podIP}")
            .text()
            .split(" "));
  }

  /** Of each node: names, kinds, permissions and owners of its files of CNI, and its lists. */
  private static Map<String, String> nodes() {
    Map<String, String> content = new TreeMap<>();
    for (String node : CLUSTER.nodes()) {
      content.put(
          node,
          CLUSTER
              .onNode(
                  node,
                  "sh",
                  "-c",
                  "find \"$0\" \"$1\" -printf '%p %y %m %U:%G %l\\n' | sort; cat \"$1\"/*list",
                  FOLDERS[0],
                  FOLDERS[1])
              .out());
    }
    return content;
  }

  private static Result meshctl(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--kubeconfig", CLUSTER.kubeconfig().toString()));
    return new CommandLine(scratch).run(Duration.ofMinutes(3), all.toArray(String[]::new));
  }

  /** A pod that serves and may ask, and its Service. */
  private static String pod(String namespace, String name) {
    return POD.replace("NAMESPACE", namespace)
        .replace("NAME", name)
        .replace("IMAGE", ClusterFixture.TOOL_IMAGE);
  }

  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: NAME
        namespace: NAMESPACE
        labels: {app: NAME, it: node-agent}
      spec:
        terminationGracePeriodSeconds: 1
        securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
        containers:
        - name: app
          image: IMAGE
          imagePullPolicy: Never
          command: [sh, -c, "mkdir /tmp/www && echo hello >/tmp/www/index.html && exec httpd -f -p 8080 -h /tmp/www"]
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: NAME, namespace: NAMESPACE}
      spec:
        selector: {app: NAME}
        ports: [{name: http, port: 8080}]
      """;

  private static final String STRICT =
      """
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: %s}
      spec: {mtls: {mode: STRICT}}
      """;
}
