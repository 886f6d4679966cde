package dev.meshctl.model.match;

import dev.meshctl.model.xds.FilterChain.Cidr;

/** A compiled {@link Cidr}. */
record IpRange(IpNumber first, int fixedBits) {

  /**
   * Compiles {@code cidr}.
   *
   * @throws IllegalArgumentException where it is no range of addresses
   */
  static IpRange compile(Cidr cidr) {
    IpNumber address = IpNumber.parse(cidr.address());
    if (address == null || cidr.prefixLength() < 0) {
      throw new IllegalArgumentException(
          cidr.address() + "/" + cidr.prefixLength() + " (expected: address/prefix length)");
    }
    // Envoy cuts longer prefixes to the length of the address.
    int bits = Math.min(cidr.prefixLength(), address.six() ? 128 : 32);
    return new IpRange(address, address.six() ? bits : bits + 96);
  }

  boolean holds(IpNumber address) {
    return address.six() == first.six()
        && sameTop(address.high(), first.high(), Math.min(64, fixedBits))
        && sameTop(address.low(), first.low(), Math.max(0, fixedBits - 64));
  }

  private static boolean sameTop(long one, long other, int bits) {
    return bits == 0 || (one ^ other) >>> (64 - bits) == 0;
  }
}
