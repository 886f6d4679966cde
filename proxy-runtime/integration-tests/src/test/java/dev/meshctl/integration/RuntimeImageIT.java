package dev.meshctl.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.integration.cluster.ClusterFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The image on real nodes, as pods run it: a user of no rights, a file system of no writes. */
class RuntimeImageIT {
  private static final Duration BUILD = Duration.ofMinutes(8);
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final long MOST_BYTES = 90_000_000;

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withNodes();

  @TempDir Path folder = Path.of("");

  @Test
  void pods_run_it_without_rights_and_set_their_rules_up_with_it() throws IOException {
    Path image = image("one.tar");
    assertThat(image).hasSameBinaryContentAs(image("two.tar"));
    assertThat(Files.size(image)).as("bytes of the image").isLessThan(MOST_BYTES);
    CLUSTER.load(image);
    String namespace = CLUSTER.namespace("image");
    CLUSTER.apply(PODS.formatted(namespace)).text();

    // In a pod, from the image's files, the classes come from the start-up cache.
    assertThat(said(namespace, "proxy", "proxy"))
        .contains("proxy: /no-such.json")
        .contains("dev.meshctl.app.ProxyMain source: shared objects file");
    assertThat(said(namespace, "control-plane", "control-plane"))
        .contains("control-plane: /no-such.json")
        .contains("dev.meshctl.model.wire.TlsCodec source: shared objects file");
    for (String tool : new String[] {"nft", "iptables-nft"}) {
      said(namespace, "rules", tool);
      assertThat(exit(namespace, "rules", tool)).as(tool).isEqualTo("0");
    }
    said(namespace, "shell", "shell");
    assertThat(exit(namespace, "shell", "shell")).as("there is no shell").isEqualTo("128");
  }

  private Path image(String name) {
    CommandLine meshctl = new CommandLine(folder);
    Path key = folder.resolve("sign.pem");
    Path bundle = folder.resolve("linked.meshbundle");
    if (!Files.exists(bundle)) {
      meshctl.run(SOON, "runtime", "keygen", "--out", key.toString());
      CommandLine.Result built =
          meshctl.run(
              BUILD,
              "runtime",
              "build",
              "--linked",
              "--version",
              "1.4.0",
              "--key",
              key.toString(),
              "--out",
              bundle.toString());
      assertThat(built.exitCode()).as(built.err()).isZero();
    }
    Path tar = folder.resolve(name);
    CommandLine.Result made =
        meshctl.run(
            BUILD,
            "runtime",
            "image",
            "--bundle",
            bundle.toString(),
            "--trust",
            key + ".pub",
            "--tar",
            tar.toString(),
            "--name",
            "localhost/meshctl:it");
    assertThat(made.exitCode()).as(made.err()).isZero();
    return tar;
  }

  private static String exit(String namespace, String pod, String container) {
    return CLUSTER
        .kubectl(
            "-n",
            namespace,
            "get",
            "pod",
            pod,
            "-o",
            "jsonpath={.status.containerStatuses[?(@.name=='"
                + container
                + "')].state.terminated.exitCode}")
        .text();
  }

  /** What a container printed, once it has ended. */
  private static String said(String namespace, String pod, String container) {
    await().atMost(SOON).until(() -> !exit(namespace, pod, container).isEmpty());
    var logs = CLUSTER.kubectl("-n", namespace, "logs", pod, "-c", container);
    return logs.out() + logs.err();
  }

  private static final String PODS =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: proxy, namespace: %1$s}
      spec:
        restartPolicy: Never
        securityContext: {runAsNonRoot: true}
        containers:
        - name: proxy
          image: localhost/meshctl:it
          command: [/opt/meshctl/jdk/bin/java, -XX:AOTMode=on, "-Xlog:class+load:stdout", "@/opt/meshctl/runtime/proxy.args", --config, /no-such.json]
          securityContext: {readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: control-plane, namespace: %1$s}
      spec:
        restartPolicy: Never
        securityContext: {runAsNonRoot: true}
        containers:
        - name: control-plane
          image: localhost/meshctl:it
          command: [/opt/meshctl/jdk/bin/java, -XX:AOTMode=on, "-Xlog:class+load:stdout", "@/opt/meshctl/runtime/control-plane.args", --config, /no-such.json]
          securityContext: {readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: rules, namespace: %1$s}
      spec:
        restartPolicy: Never
        containers:
        - name: nft
          image: localhost/meshctl:it
          command: [/opt/meshctl/bin/nft, add, table, ip, meshctl]
          securityContext: &rights
            runAsUser: 0
            readOnlyRootFilesystem: true
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL], add: [NET_ADMIN, NET_RAW]}
        - name: iptables-nft
          image: localhost/meshctl:it
          command: [/opt/meshctl/bin/xtables-nft-multi, iptables, -t, nat, -A, OUTPUT, -p, tcp, -m, owner, "!", --uid-owner, "1337", -j, REDIRECT, --to-ports, "15001"]
          securityContext: *rights
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shell, namespace: %1$s}
      spec:
        restartPolicy: Never
        containers:
        - {name: shell, image: localhost/meshctl:it, command: [/bin/sh, -c, "echo hello"]}
      """;
}
