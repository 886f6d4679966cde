package dev.meshctl.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** Files that only their owner may read: created so, never narrowed afterwards. */
final class PrivateFiles {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> OWNER_FOLDER =
      PosixFilePermissions.fromString("rwx------");

  private PrivateFiles() {}

  static void createFolder(Path folder) throws IOException {
    Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_FOLDER));
  }

  /** Replaces {@code file} at once: a reader sees the old text or the new. */
  static void write(Path file, String text) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Path fresh =
        Files.createTempFile(
            folder, ".fresh", ".tmp", PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    try {
      Files.writeString(fresh, text);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /**
   * @throws IOException where others may read it: then it is no secret any more
   */
  static String readSecret(Path file) throws IOException {
    Set<PosixFilePermission> extra = EnumSet.copyOf(Files.getPosixFilePermissions(file));
    extra.removeAll(OWNER_ONLY);
    if (!extra.isEmpty()) {
      throw new IOException(
          file
              + ": readable by others ("
              + PosixFilePermissions.toString(Files.getPosixFilePermissions(file))
              + ", expected: rw-------); delete it so that a new one is made, or chmod 600 it");
    }
    return Files.readString(file);
  }
}
