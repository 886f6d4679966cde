package dev.meshctl.model.match;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * An IP address as a number of 128 bits; one of version 4 in its lower 32, mapped ones among them.
 *
 * @param six of version 6
 */
public record IpNumber(boolean six, long high, long low) {
  private static final long MAPPED = 0xFFFFL;

  public static IpNumber of(InetAddress address) {
    byte[] bytes = address.getAddress();
    long high = 0;
    long low = 0;
    for (int i = 0; i < bytes.length; i++) {
      high = high << 8 | low >>> 56;
      low = low << 8 | bytes[i] & 0xFF;
    }
    if (bytes.length == 16 && high == 0 && low >>> 32 == MAPPED) {
      return new IpNumber(false, 0, low & 0xFFFF_FFFFL);
    }
    return new IpNumber(bytes.length == 16, high, low);
  }

  /** An address as text; null where it is none. Asks no name service. */
  public static @Nullable IpNumber parse(String text) {
    try {
      return of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
