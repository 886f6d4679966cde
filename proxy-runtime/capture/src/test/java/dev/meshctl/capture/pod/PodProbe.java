package dev.meshctl.capture.pod;

import dev.meshctl.capture.CaptureOptions;
import dev.meshctl.capture.CapturePlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs inside a network namespace just made, as a pod: lays two cables to a namespace outside,
 * listens where sidecar and workload do, each saying its name, has itself captured, calls around as
 * the workload, as the sidecar and from outside, and prints who answered.
 */
final class PodProbe {
  private static final String POD = "10.77.1.4";
  private static final String POD6 = "fd77::4";
  private static final String OTHER_CABLE = "10.78.1.4";

  private final Programs programs;
  private final PodCapture capture;
  private final Process outside;

  private PodProbe(String tool) throws IOException {
    this.programs = only(tool);
    this.capture = new PodCapture(programs, true);
    this.outside = new ProcessBuilder("unshare", "--net", "sleep", "120").start();
  }

  /** {@code TOOL OPTION... -- WHO TARGET...}, {@code ask NAME TARGET...}, or {@code try TOOL}. */
  public static void main(String[] arguments) throws Exception {
    List<String> words = List.of(arguments);
    if (words.getFirst().equals("ask")) {
      words.subList(2, words.size()).forEach(target -> tell(words.get(1), target));
      return;
    }
    if (words.getFirst().equals("try")) {
      tryToApply(words.get(1));
      return;
    }
    int end = words.indexOf("--");
    PodProbe probe = new PodProbe(words.getFirst());
    try {
      probe.furnish();
      probe.run(words.subList(1, end), words.subList(end + 1, words.size()));
    } finally {
      probe.outside.destroyForcibly();
    }
    System.exit(0);
  }

  private static void tryToApply(String tool) throws IOException {
    CapturePlan plan = CaptureOptions.parse(List.of(), List.of(POD), List.of());
    try {
      System.out.println(new PodCapture(only(tool), false).apply(plan));
    } catch (CaptureException refused) {
      System.out.println(refused.getMessage());
    }
  }

  /** As on an image that brings only this way of loading rules. */
  private static Programs only(String tool) {
    ChildPrograms children = new ChildPrograms();
    return (command, input) ->
        command.getFirst().replace("ip6tables", "iptables").startsWith(tool)
            ? children.run(command, input)
            : new Programs.Ran(Programs.Ran.MISSING, "", "");
  }

  private void furnish() throws Exception {
    command("ip link set lo up");
    for (int cable = 0; cable < 2; cable++) {
      String net = "10.7" + (7 + cable);
      command("ip link add eth" + cable + " type veth peer name out" + cable);
      command("ip link set out" + cable + " netns " + outside.pid());
      command("ip addr add " + net + ".1.4/16 dev eth" + cable);
      command("ip link set eth" + cable + " up");
      String enter = "nsenter --net=/proc/" + outside.pid() + "/ns/net ";
      command(enter + "ip addr add " + net + ".1.9/16 dev out" + cable);
      command(enter + "ip link set out" + cable + " up");
      if (cable == 0) {
        command("ip addr add " + POD6 + "/64 dev eth0 nodad");
        command(enter + "ip addr add fd77::9/64 dev out0 nodad");
        command(enter + "ip addr add fd77::f0/64 dev out0 nodad");
        command(enter + "ip addr add 10.77.240.3/16 dev out0");
        command(enter + "ip addr add 10.77.240.7/16 dev out0");
      }
    }
    listen("::", 15001, "outbound");
    listen("::", 15006, "inbound");
    listen("127.0.0.1", 15000, "admin");
    listen(POD, 15021, "health");
    listen(POD, 9080, "workload");
    listen(POD6, 9080, "workload6");
    listen(POD, 9090, "plain");
    listen(OTHER_CABLE, 9080, "second");
    listen("127.0.0.1", 7070, "local");
    DatagramSocket dns = new DatagramSocket(15053, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofPlatform().daemon().start(() -> answer(dns));
  }

  private void run(List<String> options, List<String> calls) throws Exception {
    CapturePlan plan =
        CaptureOptions.parse(options, List.of(POD, POD6), List.of("10.77.0.1", "10.77.1.9"));
    System.out.println(capture.isApplied() + " before");
    System.out.println(capture.apply(plan));
    String once = rules();
    calls(calls);
    System.out.println(capture.apply(plan) + " again");
    System.out.println((rules().equals(once) && capture.isApplied()) + " as before");
    System.out.println(capture.remove());
    System.out.println(capture.remove());
    System.out.println(!rules().toLowerCase(java.util.Locale.ROOT).contains("mesh") + " clean");
    from("outside", List.of(POD + ":9080"));
  }

  /** {@code WHO TARGET... WHO TARGET...}. */
  private void calls(List<String> words) throws Exception {
    String who = "";
    List<String> targets = new ArrayList<>();
    for (String word : words) {
      if (word.indexOf(':') < 0) {
        from(who, targets);
        who = word;
        targets.clear();
      } else {
        targets.add(word);
      }
    }
    from(who, targets);
  }

  private void from(String who, List<String> targets) throws Exception {
    switch (who) {
      case "" -> {}
      case "workload" -> targets.forEach(target -> tell(who, target));
      case "sidecar" ->
          ask(
              who,
              List.of("setpriv", "--regid", String.valueOf(CapturePlan.PROXY_ID), "--clear-groups"),
              targets);
      default -> ask(who, List.of("nsenter", "--net=/proc/" + outside.pid() + "/ns/net"), targets);
    }
  }

  private static void ask(String who, List<String> as, List<String> targets) throws Exception {
    List<String> command = new ArrayList<>(as);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(PodProbe.class.getName(), "ask", who));
    command.addAll(targets);
    System.out.flush();
    new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  /** What the kernel has, without what it counted. */
  private String rules() throws IOException {
    StringBuilder rules = new StringBuilder();
    for (String command :
        List.of(
            "nft list ruleset",
            "iptables-nft-save -t nat",
            "ip6tables-nft-save -t nat",
            "iptables-legacy-save -t nat",
            "ip6tables-legacy-save -t nat")) {
      rules.append(programs.run(List.of(command.split(" ")), "").out());
    }
    return rules.toString().replaceAll("\\[\\d+:\\d+]|(?m)^#.*$", "");
  }

  private void command(String command) throws IOException {
    Programs.Ran ran = new ChildPrograms().run(List.of(command.split(" ")), "");
    if (!ran.well()) {
      throw new IOException(command + ": " + ran.err());
    }
  }

  private static void listen(String address, int port, String name) throws IOException {
    ServerSocket server = new ServerSocket(port, 8, InetAddress.ofLiteral(address));
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          while (true) {
            try (Socket client = server.accept()) {
              client.getOutputStream().write(name.getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        });
  }

  private static void answer(DatagramSocket dns) {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[16], 16);
        dns.receive(packet);
        dns.send(
            new DatagramPacket(
                "sidecar".getBytes(StandardCharsets.US_ASCII), 7, packet.getSocketAddress()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void tell(String who, String target) {
    System.out.println(
        who + " " + target + " " + (target.startsWith("dns:") ? askDns(target) : ask(target)));
  }

  private static String ask(String target) {
    int colon = target.lastIndexOf(':');
    String host = target.substring(0, colon).replaceAll("[\\[\\]]", "");
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(
              InetAddress.ofLiteral(host), Integer.parseInt(target.substring(colon + 1))),
          3000);
      socket.setSoTimeout(3000);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (ConnectException refused) {
      return "refused";
    } catch (IOException other) {
      return other.toString();
    }
  }

  private static String askDns(String target) {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(3000);
      socket.send(
          new DatagramPacket(new byte[] {1}, 1, InetAddress.ofLiteral(target.substring(4)), 53));
      DatagramPacket answer = new DatagramPacket(new byte[16], 16);
      socket.receive(answer);
      return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII)
          + " from "
          + answer.getAddress().getHostAddress();
    } catch (IOException none) {
      return none.toString();
    }
  }
}
