package dev.meshctl.model.explain;

import dev.meshctl.model.match.IpNumber;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A request that somebody would send.
 *
 * @param from name of a workload, Service, service account or gateway, may begin with {@code
 *     NAMESPACE/}
 * @param to host and port as the caller would write them: {@code reviews:9080}; without a port 80
 * @param path with query
 * @param headers names in lower case, in their order
 * @param source IP address that the client comes from; empty for the one that it has, or for some
 */
public record Question(
    String from,
    String to,
    String method,
    String path,
    Map<String, String> headers,
    String source) {
  private static final int HTTP_PORT = 80;

  public Question {
    Map<String, String> lower = new LinkedHashMap<>();
    headers.forEach((name, value) -> lower.put(name.toLowerCase(Locale.ROOT), value));
    headers = Collections.unmodifiableMap(lower);
    if (!source.isEmpty() && IpNumber.parse(source) == null) {
      throw new UnknownSubject("no IP address: " + source, "write one, for example 203.0.113.7");
    }
  }

  /** From wherever the client is. */
  public Question(String from, String to, String method, String path, Map<String, String> headers) {
    this(from, to, method, path, headers, "");
  }

  /** The host of {@link #to}. */
  public String host() {
    int colon = to.lastIndexOf(':');
    return colon < 0 ? to : to.substring(0, colon);
  }

  /**
   * The port of {@link #to}.
   *
   * @throws UnknownSubject where it is none
   */
  public int port() {
    int colon = to.lastIndexOf(':');
    if (colon < 0) {
      return HTTP_PORT;
    }
    try {
      int port = Integer.parseInt(to.substring(colon + 1));
      if (port > 0 && port < 65_536) {
        return port;
      }
    } catch (NumberFormatException notOne) {
      // Told below.
    }
    throw new UnknownSubject(
        "no port: " + to.substring(colon + 1), "write HOST:PORT, with a port from 1 to 65535");
  }
}
