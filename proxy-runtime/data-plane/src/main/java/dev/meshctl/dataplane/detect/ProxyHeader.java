package dev.meshctl.dataplane.detect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/**
 * Reads a PROXY protocol header, version 1 or 2 (haproxy.org, proxy-protocol.txt): strict, for who
 * accepts a header that its sender did not mean believes any address.
 *
 * <p>Thread: any; stateless.
 */
public final class ProxyHeader {
  /** A text header is at most this, its line end included. */
  private static final int MOST_TEXT_BYTES = 107;

  /** A binary header is at most this, its type-length-values included; the format allows 64 KiB. */
  static final int MOST_BINARY_BYTES = 4096;

  private static final byte[] SIGNATURE = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
  };
  private static final byte[] TEXT = "PROXY ".getBytes(StandardCharsets.US_ASCII);
  private static final int FIXED_BYTES = 16;
  private static final int MAX_PORT = 65535;

  /** What the first bytes are. */
  public sealed interface Read {
    /** The beginning of a header: more is to come. */
    record Incomplete() implements Read {}

    /** No header. */
    record Absent() implements Read {}

    /**
     * The sender speaks for itself, or for an address that is none ({@code LOCAL}, {@code
     * UNKNOWN}).
     *
     * @param bytes of the header
     */
    record Own(int version, int bytes) implements Read {}

    /**
     * The sender hands on the connection of {@code source}.
     *
     * @param bytes of the header
     */
    record HandedOn(int version, InetSocketAddress source, InetSocketAddress destination, int bytes)
        implements Read {}

    /** A header that breaks the rules. */
    record Broken(String reason) implements Read {}
  }

  private static final Read INCOMPLETE = new Read.Incomplete();
  private static final Read ABSENT = new Read.Absent();

  private ProxyHeader() {}

  /** Looks at the first bytes of a connection; borrows {@code in} and leaves its index alone. */
  public static Read read(ByteBuf in) {
    if (begins(in, SIGNATURE)) {
      return in.readableBytes() < FIXED_BYTES ? INCOMPLETE : binary(in);
    }
    if (begins(in, TEXT)) {
      return in.readableBytes() < TEXT.length ? INCOMPLETE : text(in);
    }
    return ABSENT;
  }

  /** As far as there are bytes. */
  private static boolean begins(ByteBuf in, byte[] with) {
    int known = Math.min(in.readableBytes(), with.length);
    for (int i = 0; i < known; i++) {
      if (in.getByte(in.readerIndex() + i) != with[i]) {
        return false;
      }
    }
    return true;
  }

  // ---- version 1

  private static Read text(ByteBuf in) {
    int most = Math.min(in.readableBytes(), MOST_TEXT_BYTES);
    int end = in.indexOf(in.readerIndex(), in.readerIndex() + most, (byte) '\n');
    if (end < 0) {
      return most < MOST_TEXT_BYTES ? INCOMPLETE : broken("no line end in 107 bytes");
    }
    int bytes = end + 1 - in.readerIndex();
    if (in.getByte(end - 1) != '\r') {
      return broken("a line that does not end with CR LF");
    }
    String[] words =
        in.toString(in.readerIndex(), bytes - 2, StandardCharsets.ISO_8859_1).split(" ", -1);
    if (words[1].equals("UNKNOWN")) {
      return new Read.Own(1, bytes);
    }
    if (words.length != 6 || !(words[1].equals("TCP4") || words[1].equals("TCP6"))) {
      return broken("not TCP4, TCP6 or UNKNOWN with two addresses and two ports");
    }
    boolean six = words[1].equals("TCP6");
    int from = port(words[4]);
    int to = port(words[5]);
    if (from < 0 || to < 0 || !literal(words[2], six) || !literal(words[3], six)) {
      return broken("an address or port that is none");
    }
    return new Read.HandedOn(
        1, new InetSocketAddress(words[2], from), new InetSocketAddress(words[3], to), bytes);
  }

  private static boolean literal(String address, boolean six) {
    return six
        ? NetUtil.isValidIpV6Address(address)
            && address.indexOf('%') < 0
            && address.indexOf('[') < 0
        : NetUtil.isValidIpV4Address(address);
  }

  /** -1 for what is no port; no sign, no leading zero. */
  private static int port(String text) {
    if (text.isEmpty() || text.length() > 5 || (text.length() > 1 && text.charAt(0) == '0')) {
      return -1;
    }
    int port = 0;
    for (int i = 0; i < text.length(); i++) {
      char digit = text.charAt(i);
      if (digit < '0' || digit > '9') {
        return -1;
      }
      port = port * 10 + digit - '0';
    }
    return port <= MAX_PORT ? port : -1;
  }

  // ---- version 2

  private static Read binary(ByteBuf in) {
    int start = in.readerIndex();
    int command = in.getByte(start + 12) & 0xFF;
    int family = in.getByte(start + 13) & 0xFF;
    int length = in.getUnsignedShort(start + 14);
    int bytes = FIXED_BYTES + length;
    if (command != 0x20 && command != 0x21) {
      return broken("a version or command that is none");
    }
    if (bytes > MOST_BINARY_BYTES) {
      return broken("more than " + MOST_BINARY_BYTES + " bytes");
    }
    if (in.readableBytes() < bytes) {
      return INCOMPLETE;
    }
    if (command == 0x20) {
      return new Read.Own(2, bytes);
    }
    return switch (family) {
      case 0x00 -> new Read.Own(2, bytes);
      case 0x11 -> addresses(in, start + FIXED_BYTES, 4, length, bytes);
      case 0x21 -> addresses(in, start + FIXED_BYTES, 16, length, bytes);
      default -> broken("an address family other than TCP over IPv4 or IPv6");
    };
  }

  private static Read addresses(ByteBuf in, int start, int size, int length, int bytes) {
    int fixed = 2 * size + 4;
    if (length < fixed) {
      return broken("too short for its addresses");
    }
    if (!values(in, start + fixed, length - fixed)) {
      return broken("type-length-values that do not fill the header");
    }
    return new Read.HandedOn(
        2,
        socket(in, start, size, start + 2 * size),
        socket(in, start + size, size, start + 2 * size + 2),
        bytes);
  }

  /** They are passed over, but they must add up. */
  private static boolean values(ByteBuf in, int start, int length) {
    int left = length;
    int at = start;
    while (left >= 3) {
      int size = 3 + in.getUnsignedShort(at + 1);
      at += size;
      left -= size;
    }
    return left == 0;
  }

  private static InetSocketAddress socket(ByteBuf in, int address, int size, int port) {
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(ByteBufUtil.getBytes(in, address, size)),
          in.getUnsignedShort(port));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + size + " bytes", e);
    }
  }

  private static Read broken(String reason) {
    return new Read.Broken(reason);
  }
}
