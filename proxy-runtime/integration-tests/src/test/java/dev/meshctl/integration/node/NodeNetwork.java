package dev.meshctl.integration.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A node with pods behind cables, and machines outside: each an anonymous network namespace, which
 * goes with its last process.
 */
final class NodeNetwork implements AutoCloseable {
  static final String NODE = "node";
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  /** Who is there, with the addresses it asks from. */
  static final Map<String, String> PODS =
      Map.of(
          "pod-a", "10.244.1.2",
          "pod-b", "10.244.2.2",
          "pod-c", "10.244.1.3");

  private final Deque<Process> processes = new ArrayDeque<>();
  private final Map<String, Process> spaces = new HashMap<>();

  NodeNetwork() throws IOException {
    for (String name : List.of(NODE, "outside", "pod-a", "pod-b", "pod-c")) {
      spaces.put(name, hold("unshare", "--net", "cat"));
      waitForSpace(name);
    }
    node();
    for (String pod : List.of("pod-a", "pod-b", "pod-c")) {
      serve(pod, PODS.getOrDefault(pod, ""));
    }
  }

  /** Until it is out of our own namespace. */
  private void waitForSpace(String name) throws IOException {
    Path ours = Path.of("/proc/self/ns/net");
    Path its = Path.of("/proc/" + pid(name) + "/ns/net");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (Files.readSymbolicLink(its).equals(Files.readSymbolicLink(ours))) {
      if (System.nanoTime() > deadline) {
        throw new IOException("no namespace of its own: " + name);
      }
      Thread.onSpinWait();
    }
  }

  private void node() {
    StringBuilder script = new StringBuilder("set -e\nip link set lo up\n");
    script.append("echo 1 >/proc/sys/net/ipv4/ip_forward\n");
    script.append("echo 1 >/proc/sys/net/ipv6/conf/all/forwarding\n");
    // Each refusal is one message; the kernel would send some of them only.
    script.append("echo 0 >/proc/sys/net/ipv4/icmp_ratelimit\n");
    script.append("echo 0 >/proc/sys/net/ipv6/icmp/ratelimit\n");
    script.append(
        "ip link add out0 type veth peer name eth0 netns "
            + pid("outside")
            + "\n"
            + "ip link set out0 up\n"
            + "ip addr add 172.30.0.1/24 dev out0\n"
            + "ip addr add fd00:30::1/64 dev out0 nodad\n"
            + "ip route add default via 172.30.0.100\n"
            + "ip route add default via fd00:30::100\n");
    PODS.forEach((pod, address) -> {
      String six = six(address);
      script.append(
          "ip link add "
              + pod
              + " type veth peer name eth0 netns "
              + pid(pod)
              + "\n"
              + "ip link set "
              + pod
              + " up\n"
              + "ip addr add 169.254.1.1/32 dev "
              + pod
              + "\n"
              + "ip addr add fe80::1/64 dev "
              + pod
              + " nodad\n"
              + "ip route add "
              + address
              + " dev "
              + pod
              + "\n"
              + "ip route add "
              + six
              + " dev "
              + pod
              + "\n");
    });
    run(NODE, script.toString());
    PODS.forEach((pod, address) ->
        run(
            pod,
            "set -e\nip link set lo up\nip link set eth0 up\n"
                + "ip addr add "
                + address
                + "/32 dev eth0\n"
                + "ip addr add "
                + six(address)
                + "/128 dev eth0 nodad\n"
                + "ip route add 169.254.1.1 dev eth0\n"
                + "ip route add default via 169.254.1.1\n"
                + "ip route add default via fe80::1 dev eth0\n"));
    run(
        "outside",
        "set -e\nip link set lo up\nip link set eth0 up\n"
            + "ip addr add 172.30.0.100/24 dev eth0\n"
            + "ip addr add 192.0.2.7/32 dev eth0\n"
            + "ip addr add fd00:30::100/64 dev eth0 nodad\n"
            + "ip route add default via 172.30.0.1\n"
            + "ip route add default via fd00:30::1\n");
  }

  /** {@code 10.244.1.2} is {@code fd00:244:1::2}. */
  static String six(String four) {
    String[] parts = four.split("\\.");
    return "fd00:" + parts[1] + ":" + parts[2] + "::" + parts[3];
  }

  private void serve(String pod, String address) throws IOException {
    List<String> command = new ArrayList<>(java(pod, NodeProbe.class.getName()));
    command.addAll(List.of("serve", pod, "8080", "9090", "5353"));
    Process server = hold(command.toArray(String[]::new));
    String said = server.inputReader().readLine();
    if (!"ready".equals(said)) {
      throw new IOException(pod + " at " + address + " does not serve: " + said);
    }
  }

  long pid(String space) {
    Process holder = spaces.get(space);
    if (holder == null) {
      throw new IllegalArgumentException("no namespace " + space);
    }
    return holder.pid();
  }

  /** A Java program inside, with the class path of the test. */
  List<String> java(String space, String main) {
    return inside(
        space,
        JAVA,
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("java.class.path"),
        main);
  }

  List<String> inside(String space, String... command) {
    List<String> all = new ArrayList<>(List.of("nsenter", "--net=/proc/" + pid(space) + "/ns/net"));
    all.addAll(List.of(command));
    return all;
  }

  /** Runs a shell script inside and gives what it printed. */
  String run(String space, String script) {
    return finish(inside(space, "sh", "-c", script), "");
  }

  static String finish(List<String> command, String input) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (var in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      }
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exit = process.waitFor();
      if (exit != 0) {
        throw new AssertionError(String.join(" ", command) + " ended with " + exit + ":\n" + said);
      }
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A process that ends with this network; its standard input stays open as long. */
  Process hold(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    processes.push(process);
    return process;
  }

  /**
   * A program that knows nothing of its standard input, and ends with it all the same; so nothing
   * is left, however this process ends.
   */
  Process holdTied(String space, Path log, String... program) throws IOException {
    List<String> command =
        inside(
            space,
            "sh",
            "-c",
            "log=$1; shift; \"$@\" >\"$log\" 2>&1 </dev/null & program=$!; cat >/dev/null;"
                + " kill $program; wait $program",
            "sh",
            log.toString());
    command.addAll(List.of(program));
    return hold(command.toArray(String[]::new));
  }

  /** Ends one that {@link #hold} began: all of them end with their standard input. */
  void end(Process process) {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (IOException gone) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    processes.remove(process);
  }

  @Override
  public void close() {
    while (!processes.isEmpty()) {
      end(processes.peek());
    }
  }
}
