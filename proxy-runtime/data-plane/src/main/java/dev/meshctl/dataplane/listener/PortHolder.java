package dev.meshctl.dataplane.listener;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Who listens at a port, where {@code /proc} tells. */
final class PortHolder {
  private static final String LISTENING = "0A";

  private PortHolder() {}

  /** For people, such as {@code nginx (pid 812)}. */
  static Optional<String> of(int port) {
    try {
      for (String inode : inodes(port)) {
        Optional<String> holder = process("socket:[" + inode + "]");
        if (holder.isPresent()) {
          return holder;
        }
      }
    } catch (IOException | RuntimeException e) {
      // Another system, or not ours to see: the bind error stands alone.
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static List<String> inodes(int port) throws IOException {
    String suffix = String.format(Locale.ROOT, ":%04X", port);
    List<String> found = new ArrayList<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] columns = line.strip().split("\\s+");
        if (columns.length > 9 && columns[1].endsWith(suffix) && columns[3].equals(LISTENING)) {
          found.add(columns[9]);
        }
      }
    }
    return found;
  }

  private static Optional<String> process(String socket) throws IOException {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (holds(process, socket)) {
          return Optional.of(
              Files.readString(process.resolve("comm")).strip()
                  + " (pid "
                  + process.getFileName()
                  + ")");
        }
      }
    }
    return Optional.empty();
  }

  private static boolean holds(Path process, String socket) {
    try (DirectoryStream<Path> open = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path each : open) {
        if (Files.readSymbolicLink(each).toString().equals(socket)) {
          return true;
        }
      }
    } catch (IOException | RuntimeException e) {
      // Ended meanwhile, or another user's.
      return false;
    }
    return false;
  }
}
