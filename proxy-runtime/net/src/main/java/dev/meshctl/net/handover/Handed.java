package dev.meshctl.net.handover;

import dev.meshctl.model.xds.SocketEndpoint;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A listening socket that one process shares with another.
 *
 * @param name of the listener, empty for all else
 * @param at as configured: the port may be 0
 * @param descriptor in this process
 */
public record Handed(Use use, String name, SocketEndpoint at, int descriptor) {
  /** What it is listened with for. The names travel: they stay as they are. */
  public enum Use {
    LISTENER,
    DNS_DATAGRAMS,
    DNS,
    HEALTH
  }

  /** For the other process, which gets a descriptor of its own. */
  String line() {
    return String.join(
        "\t",
        use.name(),
        URLEncoder.encode(name, StandardCharsets.UTF_8),
        at.address(),
        Integer.toString(at.port()),
        Integer.toString(at.mode()));
  }

  /**
   * Reads a {@link #line}; what stands behind is of a newer process, and ignored.
   *
   * @return empty where a newer process uses it for what we do not know
   * @throws IllegalArgumentException where it is no such line
   */
  static Optional<Handed> of(String line, int descriptor) {
    String[] fields = line.split("\t", -1);
    if (fields.length < 5) {
      throw new IllegalArgumentException("a socket without use or address: " + line);
    }
    for (Use use : Use.values()) {
      if (use.name().equals(fields[0])) {
        return Optional.of(
            new Handed(
                use,
                URLDecoder.decode(fields[1], StandardCharsets.UTF_8),
                new SocketEndpoint(
                    fields[2], Integer.parseInt(fields[3]), Integer.parseInt(fields[4])),
                descriptor));
      }
    }
    return Optional.empty();
  }
}
