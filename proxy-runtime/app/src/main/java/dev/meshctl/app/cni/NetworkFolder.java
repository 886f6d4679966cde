package dev.meshctl.app.cni;

import dev.meshctl.capture.cni.Conflist;
import dev.meshctl.model.source.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A node's folder of network configurations, which belongs to the cluster's network plugin: ours
 * joins the list that is in force, and leaves.
 *
 * <p>Thread: one at a time; blocking.
 */
final class NetworkFolder {
  private final Path folder;

  NetworkFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Puts our plugin at the end of the list that is in force, if it is not there.
   *
   * @return the file
   * @throws IOException where that cannot be; the message says what it waits for
   */
  Path join() throws IOException {
    Optional<String> inForce = Conflist.inForce(files());
    if (inForce.isEmpty()) {
      throw new IOException(
          "no list of plugins in " + folder + " of the node; is its network installed?");
    }
    Path file = folder.resolve(inForce.get());
    String before = Files.readString(file);
    try {
      write(file, before, Conflist.with(before));
    } catch (IllegalArgumentException none) {
      throw new IOException(file + ": " + none.getMessage(), none);
    }
    return file;
  }

  /**
   * Takes our plugin out of every list but one. Also of those that nobody reads now: a plugin that
   * put one aside may bring it back.
   *
   * @param but the file's name
   */
  void leaveAll(Optional<Path> but) throws IOException {
    for (String name : files()) {
      Path file = folder.resolve(name);
      if (!but.equals(Optional.of(file)) && Files.isRegularFile(file)) {
        leave(file);
      }
    }
  }

  private static void leave(Path file) throws IOException {
    String before = Files.readString(file);
    if (before.contains(Conflist.TYPE)) {
      try {
        write(file, before, Conflist.without(before));
      } catch (IllegalArgumentException somethingElse) {
        // No list of plugins, so ours is not in it.
      }
    }
  }

  private static void write(Path file, String before, String after) throws IOException {
    if (!after.equals(before)) {
      AtomicFile.write(file, after);
    }
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
