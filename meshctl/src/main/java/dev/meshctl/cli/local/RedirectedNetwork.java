package dev.meshctl.cli.local;

import dev.meshctl.capture.CapturePlan;
import dev.meshctl.capture.NamespaceScripts;
import dev.meshctl.capture.RulesFormat;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.local.plan.AddressPlan;
import dev.meshctl.cli.local.process.ChildProcesses;
import dev.meshctl.cli.local.process.ProcessSpec;
import dev.meshctl.cli.local.process.ReadinessProbe;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Transparent capture: a bridge in a namespace of its own, a namespace for each pod with a cable to
 * it, and one cable to the outside, where control plane and gateway listen. Every namespace is held
 * by a process and has no name, so all of it is gone when the processes are: cables end with the
 * namespace at either end, rules with theirs.
 *
 * <p>Thread: any.
 */
final class RedirectedNetwork implements MeshNetwork {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration FURNISHING = Duration.ofSeconds(20);

  private final AddressPlan.Transparent addresses;
  private final ChildProcesses children;
  private final RunFolder run;
  private final Map<String, String> environment;
  private final Process bridge;
  private final Map<String, Process> pods = new TreeMap<>();

  private RedirectedNetwork(
      AddressPlan.Transparent addresses,
      ChildProcesses children,
      RunFolder run,
      Map<String, String> environment)
      throws IOException, InterruptedException {
    this.addresses = addresses;
    this.children = children;
    this.run = run;
    this.environment = environment;
    this.bridge =
        hold(
            "network",
            NamespaceScripts.switchNamespace(ProcessHandle.current().pid(), addresses.cable()));
  }

  /** Says what is missing before anything is made. */
  static void check() {
    try {
      Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      if (!Integer.valueOf(0).equals(uid)) {
        throw CommandFailure.refused(
            "--transparent makes network namespaces and redirection rules, which needs root",
            List.of(),
            "run it as root, or leave --transparent out: explicit capture needs no privilege");
      }
    } catch (IOException | UnsupportedOperationException notLinux) {
      throw CommandFailure.refused(
          "--transparent needs Linux", List.of(), "leave --transparent out");
    }
    List<String> missing =
        List.of("ip", "nsenter", "unshare", "setpriv", "mount").stream()
            .filter(tool -> ChildProcesses.onPath(tool).isEmpty())
            .collect(Collectors.toCollection(ArrayList::new));
    if (rulesFormat().isEmpty()) {
      missing.add("iptables-restore or nft");
    }
    if (!missing.isEmpty()) {
      throw CommandFailure.refused(
          "--transparent needs " + String.join(", ", missing) + ", not found on PATH",
          List.of(),
          "install them (Debian: apt-get install iproute2 iptables util-linux), or leave"
              + " --transparent out");
    }
  }

  /** Iptables first: it is what clusters use, and works on older kernels. */
  private static Optional<RulesFormat> rulesFormat() {
    return Stream.of(RulesFormat.values())
        .filter(format -> ChildProcesses.onPath(format.program()).isPresent())
        .findFirst();
  }

  static RedirectedNetwork open(
      AddressPlan.Transparent addresses,
      ChildProcesses children,
      RunFolder run,
      Map<String, String> environment)
      throws IOException, InterruptedException {
    RedirectedNetwork network = new RedirectedNetwork(addresses, children, run, environment);
    String device = addresses.cable();
    int prefix = addresses.networkPrefix();
    network.outside(
        "ip addr add " + addresses.outside() + "/" + prefix + " dev " + device,
        "ip addr add " + addresses.prober() + "/" + prefix + " dev " + device,
        "ip addr add " + addresses.gateway(0) + "/" + prefix + " dev " + device,
        "ip link set " + device + " up");
    return network;
  }

  @Override
  public AddressPlan addresses() {
    return addresses;
  }

  @Override
  public ReadinessProbe.Target target(String address, int port) {
    return new ReadinessProbe.Target(
        new InetSocketAddress(InetAddress.ofLiteral(address), port),
        Optional.of(new InetSocketAddress(InetAddress.ofLiteral(addresses.prober()), 0)));
  }

  @Override
  public Pod pod(int number, String name, String namespace)
      throws IOException, InterruptedException {
    String address = addresses.workload(number);
    Path resolvConf =
        run.write(
            "proxies/" + namespace + "." + name + ".resolv.conf",
            NamespaceScripts.resolvConf(addresses.outside(), namespace));
    // Whoever the workload runs as reads its resolv.conf; the folder above stays closed.
    Files.setPosixFilePermissions(
        resolvConf, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
    RulesFormat format = rulesFormat().orElseThrow();
    Path rules =
        run.write(
            "proxies/" + namespace + "." + name + ".rules",
            format.render(
                CapturePlan.all(
                    List.of(address), List.of(addresses.outside()), List.of(addresses.prober()))));
    String key = "pod " + namespace + "/" + name;
    Process holder =
        hold(
            key.replace('/', '.').replace(' ', '-'),
            NamespaceScripts.pod(
                bridge.pid(),
                number,
                address,
                addresses.networkPrefix(),
                addresses.outside(),
                resolvConf.toString(),
                format,
                rules.toString()));
    synchronized (pods) {
      pods.put(key, holder);
    }
    return new HeldPod(key, holder);
  }

  @Override
  public List<LocalStatus.ProcessStatus> holders() {
    List<LocalStatus.ProcessStatus> all = new ArrayList<>();
    all.add(status("network", bridge, addresses.outside()));
    synchronized (pods) {
      pods.forEach((name, holder) -> all.add(status(name, holder, "")));
    }
    return all;
  }

  private LocalStatus.ProcessStatus status(String name, Process holder, String address) {
    return new LocalStatus.ProcessStatus(
        name,
        LocalStatus.Kind.NAMESPACE,
        holder.isAlive() ? "READY" : "STOPPED",
        holder.pid(),
        0,
        "",
        address,
        "");
  }

  @Override
  public void close() {
    children.stop(bridge, PATIENCE);
    children.ended(bridge);
  }

  private final class HeldPod implements Pod {
    private final String key;
    private final Process holder;

    HeldPod(String key, Process holder) {
      this.key = key;
      this.holder = holder;
    }

    @Override
    public ProcessSpec.Place sidecarPlace() {
      return new ProcessSpec.Place.Inside(holder.pid(), CapturePlan.PROXY_ID);
    }

    @Override
    public ProcessSpec.Place workloadPlace() {
      return new ProcessSpec.Place.Inside(holder.pid(), 0);
    }

    @Override
    public void close() {
      children.stop(holder, PATIENCE);
      children.ended(holder);
      synchronized (pods) {
        pods.remove(key);
      }
    }
  }

  /** Starts a process in new namespaces and waits until they are furnished. */
  private Process hold(String name, String script) throws IOException, InterruptedException {
    Path log = run.log(name);
    Process holder =
        children.start(
            new ProcessSpec(
                name,
                List.of("sh", "-c", script),
                environment,
                Path.of("/"),
                log,
                ProcessSpec.Input.LIFELINE,
                new ProcessSpec.Place.Apart()));
    // The reader is ours until the script says ready; after that it says nothing more.
    BufferedReader said = holder.inputReader(StandardCharsets.UTF_8);
    Thread watchdog =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                Thread.sleep(FURNISHING);
                holder.destroyForcibly();
              } catch (InterruptedException inTime) {
                // As usual.
              }
            });
    String line = said.readLine();
    watchdog.interrupt();
    if (!NamespaceScripts.READY.equals(line)) {
      holder.destroyForcibly().waitFor(2, TimeUnit.SECONDS);
      children.ended(holder);
      throw CommandFailure.failed(
          "the network namespace for " + name + " could not be made",
          Files.exists(log) ? Files.readAllLines(log) : List.of(),
          "explicit capture (without --transparent) needs none");
    }
    return holder;
  }

  /** Runs commands in the launcher's own namespace. */
  private void outside(String... commands) throws IOException, InterruptedException {
    Process shell =
        new ProcessBuilder("sh", "-e", "-c", String.join("\n", commands))
            .redirectErrorStream(true)
            .start();
    String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (shell.waitFor() != 0) {
      throw CommandFailure.failed(
          "the mesh's network could not be joined",
          said.lines().toList(),
          "explicit capture (without --transparent) needs none");
    }
  }
}
