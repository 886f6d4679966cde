package dev.meshctl.dataplane.observe.log;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Addresses as a log tells them. */
public final class Addresses {
  private Addresses() {}

  /** {@code 10.0.0.1:80} or {@code [::1]:80}; the host's name where it has no address. */
  public static String text(InetSocketAddress address) {
    InetAddress resolved = address.getAddress();
    String host = resolved == null ? address.getHostString() : resolved.getHostAddress();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
