package dev.meshctl.dataplane.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The {@code nameserver} lines of {@code resolv.conf}(5). */
public final class ResolverFile {
  public static final Path SYSTEM = Path.of("/etc/resolv.conf");

  private static final int DNS_PORT = 53;

  private ResolverFile() {}

  /** The resolvers named in {@code file}, in order; none where it cannot be read. */
  public static List<InetSocketAddress> nameservers(Path file) {
    try {
      return parse(Files.readAllLines(file));
    } catch (IOException e) {
      return List.of();
    }
  }

  static List<InetSocketAddress> parse(List<String> lines) {
    List<InetSocketAddress> servers = new ArrayList<>();
    for (String line : lines) {
      String[] words = line.strip().split("\\s+");
      if (words.length >= 2 && words[0].equals("nameserver")) {
        try {
          servers.add(new InetSocketAddress(InetAddress.ofLiteral(words[1]), DNS_PORT));
        } catch (IllegalArgumentException notAnAddress) {
          // As the C library does: a line that is none is passed over.
          continue;
        }
      }
    }
    return List.copyOf(servers);
  }
}
