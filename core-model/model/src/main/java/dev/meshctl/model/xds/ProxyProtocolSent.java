package dev.meshctl.model.xds;

import java.util.List;

/**
 * {@code envoy.transport_sockets.upstream_proxy_protocol}: each connection to a host begins with a
 * header that says whose connection it is, before TLS and all else.
 *
 * @param version 1 or 2
 * @param added values that every header carries; version 2 only
 */
public record ProxyProtocolSent(int version, List<Tlv> added) {
  /** Without values. */
  public static final ProxyProtocolSent TEXT = new ProxyProtocolSent(1, List.of());

  public static final ProxyProtocolSent BINARY = new ProxyProtocolSent(2, List.of());

  public ProxyProtocolSent {
    added = List.copyOf(added);
    if (version != 1 && version != 2) {
      throw new IllegalArgumentException("version: " + version + " (expected: 1 or 2)");
    }
  }

  /**
   * A value in a header.
   *
   * @param type 0 to 255
   * @param valueHex its bytes, in lower case
   */
  public record Tlv(int type, String valueHex) {}
}
