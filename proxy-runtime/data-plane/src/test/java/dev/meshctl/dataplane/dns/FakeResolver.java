package dev.meshctl.dataplane.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A resolver of the machine: every name has 192.0.2.1, but {@code none.} does not exist, {@code
 * large.} has a hundred addresses and fits TCP only, {@code forged.} is answered to another
 * question.
 */
final class FakeResolver implements AutoCloseable {
  private static final int HEADER = 12;

  private final Set<String> asked = new LinkedHashSet<>();
  private @Nullable DatagramSocket udp;
  private @Nullable ServerSocket tcp;

  void start() throws IOException {
    InetAddress local = InetAddress.ofLiteral("127.0.0.1");
    for (int tries = 1; ; tries++) {
      DatagramSocket datagrams = new DatagramSocket(0, local);
      try {
        ServerSocket connections = new ServerSocket(datagrams.getLocalPort(), 50, local);
        udp = datagrams;
        tcp = connections;
        Thread.ofVirtual().start(() -> serve(datagrams));
        Thread.ofVirtual().start(() -> serve(connections));
        return;
      } catch (IOException e) {
        datagrams.close();
        if (tries == 8) {
          throw e;
        }
      }
    }
  }

  InetSocketAddress address() {
    DatagramSocket socket = udp;
    if (socket == null) {
      throw new IllegalStateException("not started");
    }
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  /** Names, each once, in order. */
  synchronized List<String> asked() {
    return List.copyOf(asked);
  }

  private void serve(DatagramSocket socket) {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
        socket.receive(packet);
        byte[] answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()), false);
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void serve(ServerSocket server) {
    try {
      while (true) {
        Socket connection = server.accept();
        Thread.ofVirtual().start(() -> serve(connection));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      DataInputStream in = new DataInputStream(connection.getInputStream());
      byte[] query = new byte[in.readUnsignedShort()];
      in.readFully(query);
      byte[] answer = answer(query, true);
      ByteBuffer framed = ByteBuffer.allocate(2 + answer.length);
      framed.putShort((short) answer.length).put(answer);
      new DataOutputStream(connection.getOutputStream()).write(framed.array());
    } catch (IOException closed) {
      // The other side went away.
    }
  }

  private byte[] answer(byte[] query, boolean overTcp) {
    StringBuilder name = new StringBuilder();
    int at = HEADER;
    while (query[at] != 0) {
      name.append(name.isEmpty() ? "" : ".").append(new String(query, at + 1, query[at]));
      at += 1 + query[at];
    }
    int end = at + 5;
    synchronized (this) {
      asked.add(name.toString());
    }
    boolean none = name.toString().startsWith("none.");
    boolean large = name.toString().startsWith("large.");
    boolean cut = large && !overTcp;
    int records = none || cut ? 0 : large ? 100 : 1;
    ByteBuffer out = ByteBuffer.allocate(4096).put(query, 0, end);
    out.putShort(2, (short) (0x8180 | (none ? 3 : 0) | (cut ? 0x0200 : 0)));
    out.putShort(6, (short) records).putShort(8, (short) 0).putShort(10, (short) 0);
    if (name.toString().startsWith("forged.")) {
      out.put(HEADER + 1, (byte) 'x');
    }
    for (int i = 1; i <= records; i++) {
      out.putShort((short) 0xC00C).putShort((short) 1).putShort((short) 1).putInt(60);
      out.putShort((short) 4).put(new byte[] {(byte) 192, 0, 2, (byte) i});
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  @Override
  public void close() throws IOException {
    if (udp != null) {
      udp.close();
    }
    if (tcp != null) {
      tcp.close();
    }
  }
}
