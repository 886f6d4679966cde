package dev.meshctl.capture;

import java.util.List;

/** The two versions of IP, whose rules the kernel keeps apart. */
public enum AddressFamily {
  IPV4("127.0.0.0/8", "127.0.0.1/32", 32, "ip", "iptables"),
  IPV6("::1/128", "::1/128", 128, "ip6", "ip6tables");

  private final String loopback;
  private final String localhost;
  private final int bits;
  private final String nft;
  private final String iptables;

  AddressFamily(String loopback, String localhost, int bits, String nft, String iptables) {
    this.loopback = loopback;
    this.localhost = localhost;
    this.bits = bits;
    this.nft = nft;
    this.iptables = iptables;
  }

  /** Of an address or a block of them. */
  public static AddressFamily of(String address) {
    return address.indexOf(':') < 0 ? IPV4 : IPV6;
  }

  /** Those of a list that are of this family, in their order. */
  List<String> among(List<String> addresses) {
    return addresses.stream().filter(address -> of(address) == this).toList();
  }

  /** Block of addresses that never leave the machine. */
  String loopback() {
    return loopback;
  }

  /** The one that is usually meant by it. */
  String localhost() {
    return localhost;
  }

  /** An address as the block of it alone. */
  String single(String address) {
    return address + "/" + bits;
  }

  /** Its name in nftables. */
  String nft() {
    return nft;
  }

  /** What the programs of iptables begin with. */
  public String iptables() {
    return iptables;
  }
}
