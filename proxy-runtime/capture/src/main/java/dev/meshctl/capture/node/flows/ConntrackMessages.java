package dev.meshctl.capture.node.flows;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Messages of netlink's {@code ctnetlink} ({@code linux/netfilter/nfnetlink_conntrack.h}), in the
 * byte order of this machine but for addresses and ports, which are in that of the network.
 */
public final class ConntrackMessages {
  private static final int HEADER = 16;
  private static final int NFGEN = 4;
  private static final int ATTRIBUTE = 4;

  /** {@code NFNL_SUBSYS_CTNETLINK << 8}. */
  private static final int SUBSYSTEM = 1 << 8;

  private static final int GET = SUBSYSTEM | 1;
  private static final int DELETE = SUBSYSTEM | 2;
  private static final int REQUEST = 0x1;
  private static final int ACKNOWLEDGE = 0x4;
  private static final int DUMP = 0x300;
  private static final int NESTED = 0x8000;
  private static final int TYPE_MASK = 0x3fff;

  private static final int MESSAGE_ERROR = 2;
  private static final int MESSAGE_DONE = 3;

  private static final int TUPLE_ORIG = 1;
  private static final int TUPLE_REPLY = 2;
  private static final int TUPLE_IP = 1;
  private static final int TUPLE_PROTO = 2;
  private static final int V4_SRC = 1;
  private static final int V4_DST = 2;
  private static final int V6_SRC = 3;
  private static final int V6_DST = 4;
  private static final int PROTO_NUM = 1;
  private static final int PROTO_SRC_PORT = 2;
  private static final int PROTO_DST_PORT = 3;

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int UDP = 17;

  private ConntrackMessages() {}

  /** Asks for every tracked connection of one family. */
  public static byte[] list(boolean six, int sequence) {
    ByteBuffer out = buffer(HEADER + NFGEN);
    header(out, GET, REQUEST | DUMP, sequence, six);
    return finished(out);
  }

  /** Asks to forget one. */
  public static byte[] delete(Flow flow, int sequence) {
    boolean six = !(flow.source() instanceof Inet4Address);
    ByteBuffer out = buffer(256);
    header(out, DELETE, REQUEST | ACKNOWLEDGE, sequence, six);
    int tuple = nest(out, TUPLE_ORIG);
    int ip = nest(out, TUPLE_IP);
    attribute(out, six ? V6_SRC : V4_SRC, flow.source().getAddress());
    attribute(out, six ? V6_DST : V4_DST, flow.destination().getAddress());
    end(out, ip);
    int proto = nest(out, TUPLE_PROTO);
    attribute(out, PROTO_NUM, new byte[] {UDP});
    attribute(out, PROTO_SRC_PORT, port(flow.sourcePort()));
    attribute(out, PROTO_DST_PORT, port(flow.destinationPort()));
    end(out, proto);
    end(out, tuple);
    return finished(out);
  }

  /**
   * What one datagram of the kernel holds.
   *
   * @param done nothing comes after it: the list is whole, or a request was answered
   * @param error a negative {@code errno}, 0 for none
   */
  public record Answer(List<Flow> flows, boolean done, int error) {
    public Answer {
      flows = List.copyOf(flows);
    }
  }

  /** Reads a datagram; connections that are not of UDP are passed over. */
  public static Answer read(byte[] datagram, int length) {
    ByteBuffer in = ByteBuffer.wrap(datagram, 0, length).order(ByteOrder.nativeOrder());
    List<Flow> flows = new ArrayList<>();
    while (in.remaining() >= HEADER) {
      int start = in.position();
      int size = in.getInt(start);
      int type = in.getShort(start + 4) & 0xffff;
      if (size < HEADER || size > in.remaining()) {
        break;
      }
      if (type == MESSAGE_DONE) {
        return new Answer(flows, true, 0);
      }
      if (type == MESSAGE_ERROR) {
        return new Answer(flows, true, in.getInt(start + HEADER));
      }
      flow(in.slice(start + HEADER + NFGEN, size - HEADER - NFGEN).order(ByteOrder.nativeOrder()))
          .ifPresent(flows::add);
      in.position(Math.min(start + aligned(size), length));
    }
    return new Answer(flows, false, 0);
  }

  private static Optional<Flow> flow(ByteBuffer attributes) {
    Map<Integer, ByteBuffer> all = attributes(attributes);
    Optional<Tuple> original = tuple(all.get(TUPLE_ORIG));
    Optional<Tuple> reply = tuple(all.get(TUPLE_REPLY));
    if (original.isEmpty() || reply.isEmpty() || original.get().protocol != UDP) {
      return Optional.empty();
    }
    return Optional.of(
        new Flow(
            original.get().source,
            original.get().sourcePort,
            original.get().destination,
            original.get().destinationPort,
            reply.get().source,
            reply.get().sourcePort));
  }

  private record Tuple(
      InetAddress source,
      InetAddress destination,
      int protocol,
      int sourcePort,
      int destinationPort) {}

  private static Optional<Tuple> tuple(@Nullable ByteBuffer nested) {
    if (nested == null) {
      return Optional.empty();
    }
    Map<Integer, ByteBuffer> parts = attributes(nested);
    ByteBuffer addresses = parts.get(TUPLE_IP);
    ByteBuffer protocol = parts.get(TUPLE_PROTO);
    if (addresses == null || protocol == null) {
      return Optional.empty();
    }
    Map<Integer, ByteBuffer> ip = attributes(addresses);
    Map<Integer, ByteBuffer> proto = attributes(protocol);
    ByteBuffer source = ip.getOrDefault(V4_SRC, ip.get(V6_SRC));
    ByteBuffer destination = ip.getOrDefault(V4_DST, ip.get(V6_DST));
    ByteBuffer number = proto.get(PROTO_NUM);
    ByteBuffer from = proto.get(PROTO_SRC_PORT);
    ByteBuffer to = proto.get(PROTO_DST_PORT);
    if (source == null || destination == null || number == null || from == null || to == null) {
      return Optional.empty();
    }
    if (!isAddress(source) || !isAddress(destination) || number.remaining() < 1) {
      return Optional.empty();
    }
    if (from.remaining() < 2 || to.remaining() < 2) {
      return Optional.empty();
    }
    return Optional.of(
        new Tuple(
            address(source), address(destination), number.get(0) & 0xff, port(from), port(to)));
  }

  private static boolean isAddress(ByteBuffer bytes) {
    return bytes.remaining() == 4 || bytes.remaining() == 16;
  }

  private static InetAddress address(ByteBuffer bytes) {
    byte[] raw = new byte[bytes.remaining()];
    bytes.get(bytes.position(), raw);
    try {
      return InetAddress.getByAddress(raw);
    } catch (UnknownHostException length) {
      throw new IllegalArgumentException("an address of " + raw.length + " bytes", length);
    }
  }

  private static int port(ByteBuffer bytes) {
    return bytes.order(ByteOrder.BIG_ENDIAN).getShort(bytes.position()) & 0xffff;
  }

  private static byte[] port(int number) {
    return new byte[] {(byte) (number >> 8), (byte) number};
  }

  private static Map<Integer, ByteBuffer> attributes(ByteBuffer in) {
    Map<Integer, ByteBuffer> all = new HashMap<>();
    int at = in.position();
    while (in.limit() - at >= ATTRIBUTE) {
      int size = in.getShort(at) & 0xffff;
      if (size < ATTRIBUTE || size > in.limit() - at) {
        break;
      }
      all.put(
          in.getShort(at + 2) & TYPE_MASK,
          in.slice(at + ATTRIBUTE, size - ATTRIBUTE).order(ByteOrder.nativeOrder()));
      at += aligned(size);
    }
    return all;
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
  }

  private static void header(ByteBuffer out, int type, int flags, int sequence, boolean six) {
    out.putInt(0).putShort((short) type).putShort((short) flags).putInt(sequence).putInt(0);
    out.put((byte) (six ? AF_INET6 : AF_INET)).put((byte) 0).putShort((short) 0);
  }

  private static int nest(ByteBuffer out, int type) {
    int at = out.position();
    out.putShort((short) 0).putShort((short) (type | NESTED));
    return at;
  }

  private static void end(ByteBuffer out, int nest) {
    out.putShort(nest, (short) (out.position() - nest));
  }

  private static void attribute(ByteBuffer out, int type, byte[] value) {
    out.putShort((short) (ATTRIBUTE + value.length)).putShort((short) type).put(value);
    while (out.position() % ATTRIBUTE != 0) {
      out.put((byte) 0);
    }
  }

  private static byte[] finished(ByteBuffer out) {
    out.putInt(0, out.position());
    byte[] message = new byte[out.position()];
    out.get(0, message);
    return message;
  }

  private static int aligned(int size) {
    return (size + ATTRIBUTE - 1) & -ATTRIBUTE;
  }
}
