package dev.meshctl.capture.node;

import dev.meshctl.model.resource.EndpointSlice.AddressType;
import dev.meshctl.model.resource.IpBlock;
import java.net.Inet4Address;
import java.net.InetAddress;

/** The two versions of IP; the kernel keeps rules of each apart. */
public enum IpFamily {
  V4(AddressType.IPV4, "127.0.0.0/8", 32),
  V6(AddressType.IPV6, "::1/128", 128);

  private final AddressType slices;
  private final String loopback;
  private final int bits;

  IpFamily(AddressType slices, String loopback, int bits) {
    this.slices = slices;
    this.loopback = loopback;
    this.bits = bits;
  }

  /** The type of the EndpointSlices of this family. */
  AddressType slices() {
    return slices;
  }

  /** The range whose addresses never leave a machine. */
  public String loopback() {
    return loopback;
  }

  public boolean holds(String address) {
    return (InetAddress.ofLiteral(address) instanceof Inet4Address) == (this == V4);
  }

  public boolean holds(IpBlock range) {
    return holds(range.address());
  }

  /** A range as every tool takes it. */
  public static String text(IpBlock range) {
    return range.isSingle() ? range.address() : range.address() + "/" + range.prefixLength();
  }

  /** True where the address is of the range. */
  public static boolean contains(IpBlock range, String address) {
    byte[] of = InetAddress.ofLiteral(range.address()).getAddress();
    byte[] one = InetAddress.ofLiteral(address).getAddress();
    if (of.length != one.length) {
      return false;
    }
    for (int bit = 0; bit < range.prefixLength(); bit++) {
      int mask = 0x80 >> (bit % Byte.SIZE);
      if (((of[bit / Byte.SIZE] ^ one[bit / Byte.SIZE]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }

  /** {@code 10.0.0.1:80}, {@code [fd00::1]:80}. */
  public String socket(String address, int port) {
    return this == V4 ? address + ":" + port : "[" + address + "]:" + port;
  }

  /** Bits of an address. */
  public int bits() {
    return bits;
  }
}
