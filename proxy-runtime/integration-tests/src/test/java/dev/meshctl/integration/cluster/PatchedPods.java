package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.bundle.BundleFile;
import dev.meshctl.bundle.BundleWriter;
import dev.meshctl.bundle.Manifest;
import dev.meshctl.bundle.SigningKey;
import dev.meshctl.bundle.VerifiedBundle;
import dev.meshctl.integration.CommandLine;
import dev.meshctl.integration.CommandLine.Result;
import dev.meshctl.integration.supervisor.FaultyRuntime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * Our image installed, with two pods of the mesh under load: one asks the other, and so does a
 * plain pod in the network of its node, which is not of the mesh. Neither forgives anything.
 */
final class PatchedPods implements AutoCloseable {
  private static final Duration SOON = Duration.ofMinutes(3);

  private final ClusterFixture cluster;
  private final CommandLine meshctl;
  private final Path folder;
  private final String namespace;
  private final SigningKey key;

  private PatchedPods(ClusterFixture cluster, Path folder, String namespace, SigningKey key) {
    this.cluster = cluster;
    this.meshctl = new CommandLine(folder);
    this.folder = folder;
    this.namespace = namespace;
    this.key = key;
  }

  /** All of it, serving. */
  static PatchedPods start(ClusterFixture cluster, Path folder) throws IOException {
    OurImage.load(cluster);
    SigningKey key = SigningKey.generate();
    key.write(folder.resolve("sign.pem"));
    PatchedPods pods = new PatchedPods(cluster, folder, cluster.namespace("patched"), key);
    pods.install();
    pods.deploy();
    return pods;
  }

  private void install() {
    List<String> words = new ArrayList<>(List.of("install", "--timeout", "150"));
    words.addAll(OurImage.values());
    words.addAll(List.of("--set", "runtime.trustedKeys=" + line(key.trusted().pem())));
    Result installed = meshctl(words.toArray(String[]::new));
    assertThat(installed.exitCode()).as(installed.out() + installed.err()).isZero();
  }

  /** Between the marks of a PEM. */
  private static String line(String pem) {
    return pem.lines().filter(each -> !each.startsWith("-----")).findFirst().orElseThrow();
  }

  private void deploy() {
    cluster.kubectl("label", "namespace", namespace, "istio-injection=enabled").text();
    cluster.apply(SERVER.formatted(namespace)).text();
    ready("server");
    cluster.apply(CLIENT.formatted(namespace, "client", "server", "true", "false")).text();
    // The pod's own is another where its sandbox began anew.
    String address =
        cluster
            .kubectl(
                "-n", namespace, "get", "service", "server", "-o", "jsonpath={.spec.clusterIP}")
            .text();
    cluster.apply(CLIENT.formatted(namespace, "outside", address, "false", "true")).text();
    ready("client");
    ready("outside");
  }

  /** Waits until it is. */
  void ready(String pod) {
    cluster
        .kubectl("-n", namespace, "wait", "--for=condition=Ready", "pod/" + pod, "--timeout=150s")
        .text();
  }

  String namespace() {
    return namespace;
  }

  /** One field of a pod, by a path of kubectl's. */
  String of(String pod, String path) {
    return cluster.kubectl("-n", namespace, "get", "pod", pod, "-o", "jsonpath=" + path).text();
  }

  /** The container of a pod's sidecar, and how often it was started again. */
  Map<String, String> containers() {
    Map<String, String> containers = new TreeMap<>();
    for (String pod : List.of("server", "client")) {
      containers.put(
          pod,
          of(
              pod,
              "{range .status.initContainerStatuses[?(@.name=='istio-proxy')]}"
                  + "{.containerID} {.restartCount}{end}"));
    }
    return containers;
  }

  /** What each proxy runs, as it says itself. */
  Map<String, String> versions() {
    Map<String, String> versions = new TreeMap<>();
    for (String line : onMesh("runtime", "status").out().lines().toList()) {
      String[] columns = line.split("\\s+"); // WAVE PROXY RUNS STATE ...
      if (columns.length > 3 && columns[1].endsWith("." + namespace)) {
        versions.put(columns[1].substring(0, columns[1].indexOf('.')), columns[2]);
      }
    }
    return versions;
  }

  /** This build as version {@code version}, and given to the control plane. */
  void push(String version) {
    Path file = folder.resolve(version + ".meshbundle");
    Result built =
        meshctl.run(
            SOON,
            "runtime",
            "build",
            "--linked",
            "--no-training",
            "--version",
            version,
            "--key",
            folder.resolve("sign.pem").toString(),
            "--out",
            file.toString());
    assertThat(built.exitCode()).as(built.out() + built.err()).isZero();
    push(file);
  }

  private void push(Path file) {
    Result pushed =
        onMesh("runtime", "push", file.toString(), "--trust", folder.resolve("sign.pem.pub") + "");
    assertThat(pushed.exitCode()).as(pushed.out() + pushed.err()).isZero();
  }

  /** The contents of one version as another, and given to the control plane. */
  void pushLike(String version, String like) throws IOException {
    VerifiedBundle bundle =
        BundleFile.verify(folder.resolve(like + ".meshbundle"), List.of(key.trusted()));
    Path contents = folder.resolve("contents-" + like);
    if (!Files.exists(contents)) {
      bundle.unpack(contents);
      // What unpacking adds.
      Files.delete(contents.resolve("manifest.json"));
      for (Manifest.Program program : bundle.manifest().programs()) {
        Files.delete(contents.resolve(program.name() + ".args"));
      }
    }
    Path file = folder.resolve(version + ".meshbundle");
    Manifest manifest = bundle.manifest();
    BundleWriter.write(
        contents,
        new BundleWriter.Description(
            version, "", manifest.requires(), manifest.memoryBytes(), manifest.programs()),
        key,
        file,
        path -> {});
    push(file);
  }

  /** One that is signed as it should be, and should never have been. */
  void pushFaulty(String version, String fault, String like) throws IOException {
    Manifest.Requirements requires =
        BundleFile.verify(folder.resolve(like + ".meshbundle"), List.of(key.trusted()))
            .manifest()
            .requires();
    Path contents = folder.resolve(version);
    Path jar = Files.createDirectories(contents.resolve("lib")).resolve("faulty.jar");
    String entry = FaultyRuntime.class.getName().replace('.', '/') + ".class";
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream written = new JarOutputStream(out);
        InputStream type =
            Objects.requireNonNull(FaultyRuntime.class.getResourceAsStream("/" + entry))) {
      written.putNextEntry(new JarEntry(entry));
      type.transferTo(written);
    }
    Path file = folder.resolve(version + ".meshbundle");
    BundleWriter.write(
        contents,
        new BundleWriter.Description(
            version,
            "",
            requires,
            64L << 20,
            List.of(
                new Manifest.Program(
                    "proxy",
                    FaultyRuntime.class.getName(),
                    "",
                    List.of("-Dfault=" + fault),
                    List.of("lib/faulty.jar")))),
        key,
        file,
        path -> {});
    push(file);
  }

  /**
   * Patches all proxies at once, and waits for the end of it.
   *
   * @param words further ones for the command
   * @return of {@code runtime status}: 0 where it was done, 1 where it went back
   */
  Result patch(String version, String... words) {
    order(version, words);
    Result ended = onMesh("runtime", "status", "--watch");
    Result said = onMesh("runtime", "status");
    assertThat(said.exitCode()).as(said.out() + said.err()).isEqualTo(ended.exitCode());
    return said;
  }

  /** Begins to patch all proxies, and returns when the supervisor of the server is that far. */
  void begin(String version, PodPatchIT.Stage stage, String... words) throws IOException {
    Process log =
        cluster
            .inNetwork(
                "timeout",
                Long.toString(SOON.toSeconds()),
                "kubectl",
                "-n",
                namespace,
                "logs",
                "-f",
                "--tail=0",
                "server",
                "-c",
                "istio-proxy")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader lines = log.inputReader()) {
      order(version, words);
      if (stage != PodPatchIT.Stage.ORDERED) {
        assertThat(lines.lines().anyMatch(line -> line.matches(stage.line)))
            .as(stage.line)
            .isTrue();
      }
    } finally {
      log.descendants().forEach(ProcessHandle::destroyForcibly);
      log.destroyForcibly();
    }
  }

  private void order(String version, String... words) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "runtime", "patch", "--to", version, "--namespace", namespace, "--waves", "100%"));
    all.addAll(List.of("--soak", "1s", "--fallback", "2s", "--drain", "5s"));
    all.addAll(List.of(words));
    Result begun = onMesh(all.toArray(String[]::new));
    assertThat(begun.exitCode()).as(begun.out() + begun.err()).isZero();
  }

  /** No patch is under way, no pod of the mesh has two runtimes, and each has one. */
  boolean quiet() {
    String phases =
        cluster
            .kubectl(
                "-n", namespace, "get", "runtimepatches", "-o", "jsonpath={.items[*].status.phase}")
            .text();
    if (Stream.of(phases.split(" ", -1))
        .anyMatch(phase -> !List.of("", "Done", "Returned", "Refused").contains(phase))) {
      return false;
    }
    for (String pod : List.of("server", "client")) {
      if (runtimes(pod).size() != 1) {
        return false;
      }
    }
    return true;
  }

  /** Process ids, as the node counts them, of a pod's proxies; the newest last. */
  private List<String> runtimes(String pod) {
    String uid = of(pod, "{.metadata.uid}");
    return cluster
        .onNode(
            of(pod, "{.spec.nodeName}"),
            "sh",
            "-c",
            "for p in /proc/[0-9]*; do if grep -q 'pod'"
                + uid
                + " $p/cgroup 2>/dev/null && tr '\\0' ' ' <$p/cmdline 2>/dev/null"
                + " | grep -q '^/opt/meshctl/jdk/bin/java .*/proxy.args'; then echo ${p#/proc/}; fi; done"
                + " | sort -n")
        .text()
        .lines()
        .toList();
  }

  /** Kills the process that was started last. */
  void killNewestRuntime() {
    cluster
        .onNode(of("server", "{.spec.nodeName}"), "kill", "-KILL", runtimes("server").getLast())
        .text();
  }

  /** Kills the pod of the replica that performs patches, and with it the bundles that it has. */
  void killControlPlane() {
    String system = "meshctl-system";
    String replicas =
        cluster
            .kubectl("-n", system, "get", "pods", "-o", "jsonpath={.items[*].metadata.name}")
            .text();
    List<String> leaders =
        cluster
            .kubectl(
                "-n", system, "get", "leases", "-o", "jsonpath={.items[*].spec.holderIdentity}")
            .text()
            .lines()
            .flatMap(line -> Stream.of(line.split(" ", -1)))
            .filter(replicas::contains)
            .distinct()
            .toList();
    assertThat(leaders).as(replicas).hasSize(1);
    cluster
        .kubectl("-n", system, "delete", "pod", leaders.getFirst(), "--grace-period=0", "--force")
        .text();
  }

  /** A command about the mesh of the cluster. */
  Result onMesh(String... words) {
    return meshctl(words);
  }

  private Result meshctl(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--kubeconfig", cluster.kubeconfig().toString()));
    return meshctl.run(SOON, all.toArray(String[]::new));
  }

  /** Requests of both clients so far. */
  long asked() {
    return answers("client").size() + answers("outside").size();
  }

  /** Whether both clients were answered as they should be so often, the last times. */
  boolean answered(int times) {
    for (String client : List.of("client", "outside")) {
      List<String> answers = answers(client);
      if (answers.size() < times
          || !answers.subList(answers.size() - times, answers.size()).stream()
              .allMatch("ok"::equals)) {
        return false;
      }
    }
    return true;
  }

  /** What was not answered as it should be, inside of the mesh or outside. */
  List<String> failed() {
    List<String> failed = new ArrayList<>();
    for (String client : List.of("client", "outside")) {
      answers(client).stream()
          .filter(line -> !line.equals("ok"))
          .forEach(line -> failed.add(client + ": " + line));
    }
    return failed;
  }

  /** A kubelet that has just begun anew has no logs to give for some seconds. */
  private List<String> answers(String client) {
    return await()
        .atMost(SOON)
        .until(
            () -> cluster.kubectl("-n", namespace, "logs", client, "-c", "client"),
            log -> log.exit() == 0)
        .text()
        .lines()
        .toList();
  }

  /** What the supervisor and the proxies of a pod said, without their access log. */
  String log(String pod) {
    return cluster
        .kubectl("-n", namespace, "logs", pod, "-c", "istio-proxy", "--tail=-1")
        .out()
        .lines()
        .filter(line -> !line.startsWith("["))
        .reduce("", (a, b) -> a + b + "\n");
  }

  @Override
  public void close() {
    cluster.kubectl("delete", "pods", "-n", namespace, "--all", "--grace-period=0", "--force");
    Result gone = meshctl("uninstall", "--force", "--delete-configuration");
    assertThat(gone.exitCode()).as(gone.out() + gone.err()).isZero();
  }

  private static final String SERVER =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: server, namespace: %1$s}
      spec:
        selector: {app: server}
        ports: [{name: http, port: 8080}]
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: server, namespace: %1$s, labels: {app: server}}
      spec:
        terminationGracePeriodSeconds: 5
        containers:
        - name: server
          image: localhost/tool:1
          imagePullPolicy: IfNotPresent
          command: [sh, -c, "mkdir /tmp/www && echo hello >/tmp/www/index.html && exec httpd -f -p 8080 -h /tmp/www"]
          readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
      """;

  private static final String CLIENT =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: %2$s, namespace: %1$s, labels: {app: %2$s, sidecar.istio.io/inject: "%4$s"}}
      spec:
        hostNetwork: %5$s
        terminationGracePeriodSeconds: 5
        containers:
        - name: client
          image: localhost/tool:1
          imagePullPolicy: IfNotPresent
          # It counts from when it was answered first.
          command:
          - sh
          - -c
          - |
            until timeout 5 wget -q -O /dev/null http://%3$s:8080/ 2>/dev/null; do sleep 0.2; done
            while :; do
              if said=$(timeout 10 wget -q -O /dev/null http://%3$s:8080/ 2>&1); then echo ok; else echo "$(date) $said"; fi
              sleep 0.05
            done
      """;
}
