package dev.meshctl.bundle.build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A jar with some of the classes of another. */
final class TrimmedJar {
  /** In local time whichever the zone is, so that the bytes are the same everywhere. */
  private static final java.time.LocalDateTime TIME = java.time.LocalDateTime.of(2026, 1, 1, 0, 0);

  private TrimmedJar() {}

  /**
   * @param kept names of classes, with slashes
   */
  static void write(Path from, Path to, Set<String> kept) throws IOException {
    try (JarFile jar = new JarFile(from.toFile());
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(to))) {
      List<JarEntry> entries = Collections.list(jar.entries());
      entries.sort(Comparator.comparing(JarEntry::getName));
      for (JarEntry entry : entries) {
        String name = entry.getName();
        boolean wanted =
            name.endsWith(".class")
                ? kept.contains(ClassPath.type(name))
                : name.startsWith("META-INF/") && !name.endsWith("/");
        if (wanted) {
          ZipEntry copy = new ZipEntry(name);
          copy.setTimeLocal(TIME);
          out.putNextEntry(copy);
          try (InputStream in = jar.getInputStream(entry)) {
            in.transferTo(out);
          }
          out.closeEntry();
        }
      }
    }
  }
}
