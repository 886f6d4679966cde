package dev.meshctl.model.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;

/**
 * Replaces a file whole: a reader sees the old text or the new one, never a part, whatever dies.
 *
 * <p>Threads: blocking, any; the last of two writers wins.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /**
   * Writes beside the file, forces to disk, moves over it. Permissions stay, and the owner where
   * the system lets us; a symbolic link stays and its target is replaced.
   *
   * @throws IOException where it cannot be written; the file is then as it was and nothing is left
   *     beside it
   */
  public static void write(Path path, String text) throws IOException {
    boolean exists = Files.exists(path);
    Path target = exists || Files.isSymbolicLink(path) ? path.toRealPath() : path.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null || (exists && !Files.isRegularFile(target))) {
      throw new IOException(path + ": is not a file");
    }
    if (exists && !Files.isWritable(target)) {
      throw new AccessDeniedException(path.toString(), null, "the file is read-only");
    }
    Path beside;
    try {
      beside = Files.createTempFile(folder, "." + target.getFileName() + ".", ".new");
    } catch (AccessDeniedException denied) {
      throw new AccessDeniedException(
          path.toString(), null, "no permission to write in the folder " + folder);
    }
    try {
      fill(beside, text);
      if (exists) {
        keepAttributes(target, beside);
      }
      Files.move(
          beside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(beside);
    }
    forceFolder(folder);
  }

  private static void fill(Path beside, String text) throws IOException {
    try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  private static void keepAttributes(Path target, Path beside) throws IOException {
    PosixFileAttributeView from = Files.getFileAttributeView(target, PosixFileAttributeView.class);
    PosixFileAttributeView to = Files.getFileAttributeView(beside, PosixFileAttributeView.class);
    if (from == null || to == null) {
      return;
    }
    PosixFileAttributes wanted = from.readAttributes();
    try {
      PosixFileAttributes now = to.readAttributes();
      if (!now.group().equals(wanted.group())) {
        to.setGroup(wanted.group());
      }
      if (!now.owner().equals(wanted.owner())) {
        to.setOwner(wanted.owner());
      }
    } catch (IOException onlyRootMayGiveFilesAway) {
      // The text counts more than whose it is; permissions still follow below.
    }
    to.setPermissions(wanted.permissions());
  }

  /** Makes the move itself last; systems that cannot open a folder have no need of it. */
  private static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException notThisSystem) {
      // The file is in place; only its survival of a power cut in the next moments is not assured.
    }
  }
}
