package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.EndpointSlice.AddressType;
import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;

/** Checks of literal addresses. */
final class Addresses {
  private static final int BITS_FOUR = 32;
  private static final int BITS_SIX = 128;

  private Addresses() {}

  /** An IP address of either version. */
  static boolean isLiteral(String address) {
    return address.indexOf('/') < 0 && IpBlock.parse(address).isPresent();
  }

  static void check(YamlObject from, String key, String address) {
    if (!address.isEmpty() && !isLiteral(address)) {
      from.report(DiagnosticCode.INVALID_NAME, key, "'" + address + "' (expected: an IP address)");
    }
  }

  static void check(YamlObject from, String key, String address, AddressType type) {
    switch (type) {
      case IPV4 -> check(from, key, address, BITS_FOUR, "an address of IP version 4");
      case IPV6 -> check(from, key, address, BITS_SIX, "an address of IP version 6");
      case FQDN -> Names.checkHost(from, key, address);
    }
  }

  private static void check(
      YamlObject from, String key, String address, int bits, String expected) {
    boolean right =
        isLiteral(address)
            && IpBlock.parse(address).filter(block -> block.prefixLength() == bits).isPresent();
    if (!right) {
      from.report(
          DiagnosticCode.INVALID_NAME, key, "'" + address + "' (expected: " + expected + ")");
    }
  }
}
