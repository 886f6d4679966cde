package dev.meshctl.cli.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What is cheap to see of a folder: differs when a file was added, removed or written. */
record FolderChange(Map<Path, Stamp> files) {
  FolderChange {
    files = Map.copyOf(files);
  }

  /**
   * @param file the system's identity of the file, which a replacement changes even within the
   *     clock tick and with the same length
   */
  record Stamp(long modifiedNanos, long size, String file) {}

  static FolderChange of(Path folder) {
    Map<Path, Stamp> stamps = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder, 8)) {
      for (Path path : paths.filter(FolderChange::isYaml).toList()) {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        stamps.put(
            path,
            new Stamp(
                attributes.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS),
                attributes.size(),
                String.valueOf(attributes.fileKey())));
      }
    } catch (IOException | java.io.UncheckedIOException inTheMiddleOfAChange) {
      // The next look sees the rest.
    }
    return new FolderChange(stamps);
  }

  private static boolean isYaml(Path path) {
    String name = path.toString();
    return name.endsWith(".yaml") || name.endsWith(".yml");
  }
}
