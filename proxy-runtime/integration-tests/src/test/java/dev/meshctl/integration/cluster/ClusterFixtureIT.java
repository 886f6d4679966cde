package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The cluster that other tests build on is one: it runs pods, and can be broken and mended. */
class ClusterFixtureIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withNodes();

  @TempDir Path scratch = Path.of("");

  @Test
  void a_service_spreads_over_pods_on_every_node_and_has_a_name() {
    String namespace = CLUSTER.namespace("spread");
    CLUSTER.apply(web(namespace, ClusterFixture.TOOL_IMAGE)).text();
    CLUSTER.kubectl("-n", namespace, "rollout", "status", "deploy/web", "--timeout=60s").text();

    assertThat(
            CLUSTER
                .kubectl("-n", namespace, "get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}")
                .text()
                .split(" "))
        .containsExactlyInAnyOrderElementsOf(CLUSTER.nodes());
    String address =
        CLUSTER
            .kubectl("-n", namespace, "get", "svc/web", "-o", "jsonpath={.spec.clusterIP}")
            .text();
    TreeSet<String> answers = new TreeSet<>();
    await()
        .atMost(SOON)
        .until(() -> {
          answers.add(CLUSTER.run(SOON, "curl", "-s", "-m", "3", "http://" + address + "/").out());
          return answers.stream().filter(answer -> answer.startsWith("web-")).count() == 2;
        });
    String name = "http://web." + namespace + ".svc.cluster.local/";
    await()
        .atMost(SOON)
        .until(() ->
            CLUSTER
                .kubectl("-n", namespace, "exec", "deploy/web", "--", "wget", "-qO-", name)
                .out()
                .startsWith("web-"));
  }

  @Test
  void an_image_that_was_loaded_runs() throws IOException {
    String namespace = CLUSTER.namespace("loaded");
    Path root = scratch.resolve("root");
    Path bin = Files.createDirectories(root.resolve("bin"));
    Files.copy(program("busybox"), bin.resolve("busybox"));
    Files.createSymbolicLink(bin.resolve("sh"), Path.of("busybox"));
    Path archive = scratch.resolve("image.tar");
    Output.of(
            new ProcessBuilder(
                HeldCluster.script("kube-image"),
                "said:1",
                root.toString(),
                "--out",
                archive.toString()),
            "",
            SOON)
        .text();

    CLUSTER.load(archive);

    CLUSTER
        .kubectl(
            "-n",
            namespace,
            "run",
            "said",
            "--image=localhost/said:1",
            "--restart=Never",
            "--command",
            "--",
            "/bin/sh",
            "-c",
            "echo it runs")
        .text();
    CLUSTER
        .kubectl(
            "-n",
            namespace,
            "wait",
            "pod/said",
            "--for=jsonpath={.status.phase}=Succeeded",
            "--timeout=60s")
        .text();
    assertThat(CLUSTER.kubectl("-n", namespace, "logs", "said").text()).isEqualTo("it runs");
  }

  @Test
  void a_killed_kubelet_comes_back_and_its_pods_do_not_notice() {
    String namespace = CLUSTER.namespace("kubelet");
    CLUSTER.apply(web(namespace, ClusterFixture.TOOL_IMAGE)).text();
    CLUSTER.kubectl("-n", namespace, "rollout", "status", "deploy/web", "--timeout=60s").text();

    for (String node : CLUSTER.nodes()) {
      CLUSTER.kill("kubelet", node);
      await().atMost(SOON).until(() -> kubelet(node).exit() == 0);
    }

    assertThat(restarts(namespace)).containsOnly("0");
  }

  @Test
  void a_killed_shim_takes_its_containers_and_the_kubelet_makes_them_anew() {
    String namespace = CLUSTER.namespace("shim");
    CLUSTER.apply(web(namespace, ClusterFixture.TOOL_IMAGE)).text();
    CLUSTER.kubectl("-n", namespace, "rollout", "status", "deploy/web", "--timeout=60s").text();
    String pod =
        CLUSTER
            .kubectl("-n", namespace, "get", "pods", "-o", "jsonpath={.items[0].metadata.name}")
            .text();

    CLUSTER.kill("shim", namespace + "/" + pod);

    await().atMost(SOON).until(() -> List.of(restarts(namespace)).contains("1"));
    CLUSTER
        .kubectl("-n", namespace, "wait", "pod/" + pod, "--for=condition=Ready", "--timeout=60s")
        .text();
  }

  @Test
  void namespaces_of_a_test_go_when_it_ends() {
    String namespace = CLUSTER.namespace("gone");
    assertThat(CLUSTER.kubectl("get", "namespace", namespace).exit()).isZero();

    CLUSTER.deleteNamespacesOfTest();

    await()
        .atMost(SOON)
        .until(() -> CLUSTER.kubectl("get", "namespace", namespace).err().contains("NotFound"));
  }

  @Test
  void a_cluster_does_not_outlive_whoever_holds_it() throws Exception {
    Path folder = Files.createTempDirectory("meshctl-held-");
    String name = "held-" + Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX);
    Path said = scratch.resolve("said");
    List<Process> both =
        ProcessBuilder.startPipeline(
            List.of(
                new ProcessBuilder("sleep", "600"),
                new ProcessBuilder(
                        "setsid",
                        HeldCluster.script("kube-hold"),
                        "--name",
                        name,
                        "--dir",
                        folder.toString())
                    .redirectOutput(said.toFile())));
    await().atMost(SOON).until(() -> Files.exists(said) && !Files.readString(said).isEmpty());
    assertThat(commandsNaming(folder)).isNotEmpty();

    both.getFirst().destroyForcibly();

    assertThat(both.getLast().waitFor(SOON)).isTrue();
    assertThat(folder).doesNotExist();
    assertThat(commandsNaming(folder)).isEmpty();
    assertThat(Path.of("/run/netns/kube-" + name + "-node1")).doesNotExist();
    assertThat(Path.of("/sys/fs/cgroup/memory/kube-kit/" + name)).doesNotExist();
  }

  @Test
  void a_machine_that_cannot_is_told_apart_from_a_cluster_that_broke() throws IOException {
    Path bin = Files.createDirectory(scratch.resolve("bin"));
    Path id = bin.resolve("id");
    Files.writeString(id, "#!/bin/sh\necho 1000\n");
    assertThat(id.toFile().setExecutable(true)).isTrue();
    Path folder = scratch.resolve("no-root");

    Output ordinary =
        kubeUp(Map.of("PATH", bin + ":" + System.getenv("PATH")), "--dir", folder.toString());
    Output builder =
        kubeUp(
            Map.of("PATH", "/usr/bin:/bin", "KUBE_KIT_CACHE", scratch.resolve("cache").toString()),
            "--api-only",
            "--dir",
            scratch.resolve("no-go").toString());
    Output wrong = kubeUp(Map.of(), "--nodes", "many");

    assertThat(ordinary.err()).contains("nodes need root");
    assertThat(ordinary.exit()).isEqualTo(69);
    assertThat(builder.err()).contains("no 'go' in PATH");
    assertThat(builder.exit()).isEqualTo(69);
    assertThat(wrong.exit()).isEqualTo(1);
  }

  private static Output kubeUp(Map<String, String> environment, String... options) {
    ProcessBuilder builder =
        new ProcessBuilder(
            Stream.concat(Stream.of(HeldCluster.script("kube-up")), Stream.of(options)).toList());
    builder.environment().putAll(environment);
    return Output.of(builder, "", SOON);
  }

  private static Output kubelet(String node) {
    return CLUSTER.onNode(node, "curl", "-sf", "-m", "2", "http://127.0.0.1:10248/healthz");
  }

  private static String[] restarts(String namespace) {
    return CLUSTER
        .kubectl(
            "-n",
            namespace,
            "get",
            "pods",
            "-o",
            "jsonpath={.items[*].status.containerStatuses[*].restartCount}")
        .text()
        .split(" ");
  }

  private static List<String> commandsNaming(Path folder) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.isAlive())
        .flatMap(process -> process.info().commandLine().stream())
        .filter(command -> command.contains(folder.toString()))
        .toList();
  }

  private static Path program(String name) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow();
  }

  private static String web(String namespace, String image) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: %1$s}
    spec:
      replicas: 2
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          terminationGracePeriodSeconds: 1
          topologySpreadConstraints:
          - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}
          containers:
          - name: web
            image: %2$s
            imagePullPolicy: IfNotPresent
            command: [/bin/sh, -c, "hostname >/www/index.html; exec httpd -f -p 8080 -h /www"]
            readinessProbe: {httpGet: {port: 8080, path: /index.html}, periodSeconds: 1}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: %1$s}
    spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
    """
        .formatted(namespace, image);
  }
}
