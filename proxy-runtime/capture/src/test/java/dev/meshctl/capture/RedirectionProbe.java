package dev.meshctl.capture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs inside a pod's namespace: listens where sidecar and workload do, each saying its name, then
 * calls around as the workload and as the sidecar, and prints who answered.
 */
final class RedirectionProbe {
  static final String POD = "10.77.1.4";
  static final String NAMESERVER = "10.77.0.1";

  private RedirectionProbe() {}

  public static void main(String[] args) throws Exception {
    if (args.length > 0) {
      List.of(args).forEach(target -> System.out.println("sidecar " + target + " " + ask(target)));
      return;
    }
    listen("0.0.0.0", 15001, "outbound");
    listen("0.0.0.0", 15006, "inbound");
    listen(POD, 9080, "workload");
    listen("127.0.0.1", 7070, "local");
    DatagramSocket dns = new DatagramSocket(15053, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofPlatform().daemon().start(() -> answer(dns));
    for (String target :
        List.of(
            "10.77.240.3:9080", POD + ":9080", "127.0.0.1:7070", "10.77.1.9:9080", "10.9.9.9:53")) {
      System.out.println("workload " + target + " " + ask(target));
    }
    System.out.println("workload dns " + askDns());
    System.out.flush();
    new ProcessBuilder(
            "setpriv",
            "--regid",
            Integer.toString(RedirectPlan.PROXY_GROUP),
            "--clear-groups",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            RedirectionProbe.class.getName(),
            POD + ":9080",
            "127.0.0.1:9080")
        .inheritIO()
        .start()
        .waitFor();
    System.exit(0);
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
      DatagramPacket packet = new DatagramPacket(new byte[16], 16);
      dns.receive(packet);
      dns.send(
          new DatagramPacket(
              "sidecar".getBytes(StandardCharsets.US_ASCII), 7, packet.getSocketAddress()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String ask(String target) {
    int colon = target.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(
              InetAddress.ofLiteral(target.substring(0, colon)),
              Integer.parseInt(target.substring(colon + 1))),
          3000);
      socket.setSoTimeout(3000);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException refused) {
      return refused.toString();
    }
  }

  private static String askDns() throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(3000);
      socket.send(new DatagramPacket(new byte[] {1}, 1, InetAddress.ofLiteral(NAMESERVER), 53));
      DatagramPacket answer = new DatagramPacket(new byte[16], 16);
      socket.receive(answer);
      return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII)
          + " from "
          + answer.getAddress().getHostAddress();
    }
  }
}
