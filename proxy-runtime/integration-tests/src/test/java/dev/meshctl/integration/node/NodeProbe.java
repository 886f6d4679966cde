package dev.meshctl.integration.node;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Runs in a namespace of the test. {@code serve NAME PORT...} answers TCP and UDP with its name and
 * the address that it sees. {@code ask} reads lines {@code tcp|udp|http SOURCE ADDRESS PORT} and
 * prints for each, in order, who answered of many tries. {@code load ADDRESS PORT} asks until a
 * byte comes on standard input; {@code keep ADDRESS PORT} sends from one port of UDP, a packet a
 * line.
 */
final class NodeProbe {
  /** With two endpoints, the chance to meet one only is 2 in 2^24. */
  private static final int TRIES = 24;

  /** Below those that the kernel chooses. */
  private static final int LOAD_PORTS = 10_000;

  private static final int LOAD_PORT_COUNT = 22_000;
  private static final int PATIENCE_MILLIS = 1200;

  private NodeProbe() {}

  public static void main(String[] args) throws Exception {
    if (args[0].equals("serve")) {
      for (String port : List.of(args).subList(2, args.length)) {
        serve(args[1], Integer.parseInt(port));
      }
      System.out.println("ready");
      System.in.transferTo(java.io.OutputStream.nullOutputStream());
      System.exit(0);
    }
    if (args[0].equals("load")) {
      load(new InetSocketAddress(InetAddress.ofLiteral(args[1]), Integer.parseInt(args[2])));
      return;
    }
    if (args[0].equals("keep")) {
      keep(new InetSocketAddress(InetAddress.ofLiteral(args[1]), Integer.parseInt(args[2])));
      return;
    }
    List<Future<String>> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in))) {
      for (String line : lines.lines().toList()) {
        String[] words = line.split(" ");
        InetAddress source = InetAddress.ofLiteral(words[1]);
        InetSocketAddress to =
            new InetSocketAddress(InetAddress.ofLiteral(words[2]), Integer.parseInt(words[3]));
        answers.add(threads.submit(() -> all(words[0], source, to)));
      }
      for (Future<String> answer : answers) {
        System.out.println(answer.get());
      }
    }
  }

  /** One connection after the other until standard input says so; then how many, and who failed. */
  private static void load(InetSocketAddress to) throws IOException {
    InetAddress any = InetAddress.ofLiteral("0.0.0.0");
    int asked = 0;
    List<String> failures = new ArrayList<>();
    System.out.println("ready");
    long began = System.nanoTime();
    while (System.in.available() == 0) {
      // Not of the kernel's choice: a router that remembers another's connection of the same port
      // sends this one where that went.
      int port = LOAD_PORTS + asked % LOAD_PORT_COUNT;
      String answer = once("tcp", new InetSocketAddress(any, port), to);
      asked++;
      if (!answer.endsWith(")")) {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        failures.add(answer + " from port " + port + " after " + millis + " ms");
      }
    }
    System.out.println(asked + " asked, failed: " + failures);
  }

  /** For each line of standard input one packet of UDP, from one port, and who answered. */
  private static void keep(InetSocketAddress to) throws IOException {
    try (DatagramSocket socket = new DatagramSocket();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in))) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(to);
      while (lines.readLine() != null) {
        System.out.println(exchange(socket));
      }
    }
  }

  private static String exchange(DatagramSocket socket) throws IOException {
    try {
      socket.send(new DatagramPacket(new byte[1], 1));
      DatagramPacket answer = new DatagramPacket(new byte[64], 64);
      socket.receive(answer);
      return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
    } catch (SocketTimeoutException silent) {
      return "silence";
    } catch (PortUnreachableException refused) {
      return "refused";
    }
  }

  private static void serve(String name, int port) throws IOException {
    ServerSocket tcp = new ServerSocket(port, 128);
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          while (true) {
            try (Socket client = tcp.accept()) {
              client.getOutputStream().write(text(name, client.getInetAddress()));
            } catch (IOException gone) {
              // One client's bad luck.
            }
          }
        });
    DatagramSocket udp = new DatagramSocket(port);
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          while (true) {
            try {
              DatagramPacket packet = new DatagramPacket(new byte[64], 64);
              udp.receive(packet);
              byte[] text = text(name, packet.getAddress());
              udp.send(new DatagramPacket(text, text.length, packet.getSocketAddress()));
            } catch (IOException gone) {
              // One client's bad luck.
            }
          }
        });
  }

  private static byte[] text(String name, InetAddress seen) {
    return (name + "(" + seen.getHostAddress() + ")").getBytes(StandardCharsets.US_ASCII);
  }

  private static String all(String protocol, InetAddress source, InetSocketAddress to) {
    TreeSet<String> answers = new TreeSet<>();
    for (int i = 0; i < TRIES; i++) {
      String answer = once(protocol, new InetSocketAddress(source, 0), to);
      answers.add(answer);
      // Who is not answered once is not the next time either.
      if (!answer.endsWith(")")) {
        break;
      }
    }
    return String.join(" ", answers);
  }

  private static String once(String protocol, InetSocketAddress source, InetSocketAddress to) {
    try {
      return switch (protocol) {
        case "tcp" -> connect(source, to, "");
        case "http" ->
            connect(source, to, "GET / HTTP/1.0\r\n\r\n").replaceAll("(?s)^\\S+ (\\d+).*", "$1");
        default -> send(source.getAddress(), to);
      };
    } catch (SocketTimeoutException silent) {
      return "silence";
    } catch (PortUnreachableException refused) {
      return "refused";
    } catch (NoRouteToHostException nowhere) {
      return "unreachable";
    } catch (ConnectException refused) {
      return "refused";
    } catch (IOException other) {
      return other.toString().replace(' ', '_');
    }
  }

  private static String connect(InetSocketAddress source, InetSocketAddress to, String request)
      throws IOException {
    try (Socket socket = new Socket()) {
      socket.bind(source);
      socket.connect(to, PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String said = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return said.isEmpty() ? "closed" : said;
    }
  }

  private static String send(InetAddress source, InetSocketAddress to) throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, source)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(to);
      return exchange(socket);
    }
  }
}
