package dev.meshctl.model.resource;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Addresses that share their first bits, as Istio writes them: {@code 10.0.0.0/8}, {@code ::1}.
 *
 * @param prefixLength bits: to 32 of version 4, to 128 of version 6
 */
public record IpBlock(String address, int prefixLength) {
  private static final Pattern FOUR = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern SIX = Pattern.compile("[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*");
  private static final Pattern LENGTH = Pattern.compile("0|[1-9]\\d{0,2}");

  /** True for one address, false for a range. */
  public boolean isSingle() {
    return prefixLength == InetAddress.ofLiteral(address).getAddress().length * Byte.SIZE;
  }

  /** One address or a range of them; empty where the text is neither. Asks no name service. */
  public static Optional<IpBlock> parse(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    if (!FOUR.matcher(address).matches() && !SIX.matcher(address).matches()) {
      return Optional.empty();
    }
    boolean four;
    try {
      four = InetAddress.ofLiteral(address) instanceof Inet4Address;
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    int bits = four ? 32 : 128;
    if (slash < 0) {
      return Optional.of(new IpBlock(address, bits));
    }
    String length = text.substring(slash + 1);
    // A range of mapped addresses could be meant in bits of either version.
    boolean mapped = four && address.indexOf(':') >= 0;
    if (mapped || !LENGTH.matcher(length).matches() || Integer.parseInt(length) > bits) {
      return Optional.empty();
    }
    return Optional.of(new IpBlock(address, Integer.parseInt(length)));
  }
}
