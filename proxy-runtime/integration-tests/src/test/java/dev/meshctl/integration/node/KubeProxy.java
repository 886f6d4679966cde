package dev.meshctl.integration.node;

import dev.meshctl.model.testkit.Judges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The real kube-proxy beside an API server of its own, which is told the Services of the test.
 * Built by the scripts of {@code kube}, once for a machine.
 */
final class KubeProxy implements AutoCloseable {
  private static final Path KIT = Judges.root().resolve("proxy-runtime/integration-tests/kube");

  private final Process api;
  private final Path folder;
  private final Path kubeconfig;
  private final Path binaries;

  private KubeProxy(Process api, Path folder, Path kubeconfig, Path binaries) {
    this.api = api;
    this.folder = folder;
    this.kubeconfig = kubeconfig;
    this.binaries = binaries;
  }

  /** Empty where Kubernetes cannot be built here; why is on standard error. */
  static Optional<KubeProxy> start(Path folder) throws IOException, InterruptedException {
    Process build =
        new ProcessBuilder(KIT.resolve("kube-build").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String binaries = new String(build.getInputStream().readAllBytes()).strip();
    if (build.waitFor() != 0) {
      return Optional.empty();
    }
    Process api =
        new ProcessBuilder(
                "setsid",
                KIT.resolve("kube-hold").toString(),
                "--name",
                "node-" + Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX),
                "--dir",
                folder.toString(),
                "--api-only")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String kubeconfig = api.inputReader().readLine();
    if (kubeconfig == null) {
      return Optional.empty();
    }
    return Optional.of(new KubeProxy(api, folder, Path.of(kubeconfig), Path.of(binaries)));
  }

  private String kubectl(String input, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(binaries.resolve("kubectl").toString(), "--kubeconfig", kubeconfig.toString()));
    command.addAll(List.of(arguments));
    return NodeNetwork.finish(command, input);
  }

  /** Tells the API of nodes and Services, with their status. */
  void tell(String nodes, String services) {
    String all = nodes + "\n---\n" + services;
    kubectl(all, "apply", "--server-side", "--validate=false", "-f", "-");
    String withStatus =
        Arrays.stream(all.split("(?m)^---\\n"))
            .filter(document -> document.contains("\nstatus: "))
            .collect(Collectors.joining("---\n"));
    kubectl(
        withStatus,
        "apply",
        "--server-side",
        "--subresource=status",
        "--validate=false",
        "-f",
        "-");
  }

  /**
   * Starts kube-proxy in the node's namespace and waits until its rules have the last Service.
   *
   * @param sign a text that its rules have when they are all there
   */
  Running run(NodeNetwork network, String mode, String listing, String sign) throws IOException {
    String server = Files.readString(kubeconfig);
    Matcher at = Pattern.compile("https://127\\.0\\.0\\.1:(\\d+)").matcher(server);
    if (!at.find()) {
      throw new IOException("no server in " + kubeconfig);
    }
    String port = at.group(1);
    Process relay =
        network.holdTied(
            NodeNetwork.NODE,
            folder.resolve("relay.log"),
            binaries.resolve("kube").toString(),
            "netns-relay",
            "127.0.0.1:" + port,
            "/proc/" + ProcessHandle.current().pid() + "/ns/net",
            "127.0.0.1:" + port);
    Path config = folder.resolve("proxy-" + mode + ".yaml");
    Files.writeString(
        config,
        """
        apiVersion: kubeproxy.config.k8s.io/v1alpha1
        kind: KubeProxyConfiguration
        mode: %s
        clientConnection: {kubeconfig: %s}
        clusterCIDR: 10.244.0.0/16
        detectLocalMode: ClusterCIDR
        hostnameOverride: node1
        nodePortAddresses: [0.0.0.0/0]
        iptables: {localhostNodePorts: false}
        conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
        healthzBindAddress: 127.0.0.1:10256
        metricsBindAddress: 127.0.0.1:10249
        """
            .formatted(mode, kubeconfig));
    Path log = folder.resolve("proxy-" + mode + ".log");
    Process proxy =
        network.holdTied(
            NodeNetwork.NODE, log, binaries.resolve("kube-proxy").toString(), "--config=" + config);
    await(
        "kube-proxy's rules of " + mode + " (" + log + ")",
        () -> network.run(NodeNetwork.NODE, listing).contains(sign));
    return () -> {
      network.end(proxy);
      network.end(relay);
      network.run(
          NodeNetwork.NODE, binaries.resolve("kube-proxy") + " --cleanup >/dev/null 2>&1 || :");
    };
  }

  /** A kube-proxy that runs; closing removes its rules. */
  interface Running extends AutoCloseable {
    @Override
    void close();
  }

  static void await(String what, BooleanSupplier there) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!there.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not there in time: " + what);
      }
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    api.getOutputStream().close();
    api.waitFor(60, TimeUnit.SECONDS);
  }
}
