package dev.meshctl.cli.local.process;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Finds who listens at an address, as far as the system tells (Linux: {@code /proc}). */
public final class PortHolder {
  private static final String LISTEN = "0A";

  private final Path proc;

  /**
   * @param proc the {@code /proc} to read
   */
  public PortHolder(Path proc) {
    this.proc = proc;
  }

  /** A process that listens. */
  public record Holder(long pid, String program) {
    /** {@code nginx (pid 4711)}. */
    @Override
    public String toString() {
      return program + " (pid " + pid + ")";
    }
  }

  /** Empty where nobody listens, or where the holder is another user's. */
  public Optional<Holder> of(String ipv4, int port) {
    OptionalLong inode = inode(ipv4, port);
    return inode.isEmpty() ? Optional.empty() : owner("socket:[" + inode.getAsLong() + "]");
  }

  private OptionalLong inode(String ipv4, int port) {
    for (String table : List.of("net/tcp", "net/tcp6")) {
      try {
        for (String line : Files.readAllLines(proc.resolve(table))) {
          String[] fields = line.strip().split("\\s+");
          if (fields.length > 9 && fields[3].equals(LISTEN) && covers(fields[1], ipv4, port)) {
            return OptionalLong.of(Long.parseLong(fields[9]));
          }
        }
      } catch (IOException | NumberFormatException unreadable) {
        // Not Linux, or a table of another shape: then nobody can be named.
      }
    }
    return OptionalLong.empty();
  }

  /** {@code 0100007F:2383}: the address in the machine's byte order, here little-endian. */
  static boolean covers(String local, String ipv4, int port) {
    int colon = local.indexOf(':');
    if (colon < 0 || Integer.parseInt(local.substring(colon + 1), 16) != port) {
      return false;
    }
    String address = local.substring(0, colon);
    if (address.chars().allMatch(c -> c == '0')) {
      return true;
    }
    try {
      byte[] bytes = InetAddress.ofLiteral(ipv4).getAddress();
      byte[] reversed = {bytes[3], bytes[2], bytes[1], bytes[0]};
      String hex = HexFormat.of().withUpperCase().formatHex(reversed);
      // In tcp6 an IPv4 address is the last word of a mapped one.
      return address.equals(hex)
          || (address.length() == 32
              && address.startsWith("0000000000000000FFFF0000")
              && address.endsWith(hex));
    } catch (IllegalArgumentException notLiteral) {
      return false;
    }
  }

  private Optional<Holder> owner(String socket) {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        if (holds(process.resolve("fd"), socket)) {
          long pid = Long.parseLong(process.getFileName().toString());
          return Optional.of(new Holder(pid, program(process)));
        }
      }
    } catch (IOException | DirectoryIteratorException unreadable) {
      // Nobody can be named.
    }
    return Optional.empty();
  }

  private static boolean holds(Path descriptors, String socket) {
    try (DirectoryStream<Path> links = Files.newDirectoryStream(descriptors)) {
      for (Path link : links) {
        if (socket.equals(target(link))) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException othersProcess) {
      // Gone, or another user's.
    }
    return false;
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException gone) {
      return "";
    }
  }

  private static String program(Path process) {
    try {
      return Files.readString(process.resolve("comm")).strip();
    } catch (IOException gone) {
      return "a process";
    }
  }
}
