package dev.meshctl.dataplane.detect;

import java.util.List;

/**
 * What the first bytes of a connection say, as filter chains match it.
 *
 * @param tls a TLS ClientHello came first
 * @param serverName SNI in lower case, empty for none
 * @param applicationProtocols ALPN offered within TLS; {@code http/1.0}, {@code http/1.1} or {@code
 *     h2c} as read in the clear; empty where neither is known
 */
public record Detected(boolean tls, String serverName, List<String> applicationProtocols) {
  public static final Detected NOTHING = new Detected(false, "", List.of());
  public static final Detected HTTP10 = new Detected(false, "", List.of("http/1.0"));
  public static final Detected HTTP11 = new Detected(false, "", List.of("http/1.1"));
  public static final Detected HTTP2 = new Detected(false, "", List.of("h2c"));

  public Detected {
    applicationProtocols = List.copyOf(applicationProtocols);
  }
}
