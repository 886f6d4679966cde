package dev.meshctl.model.source;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Replaces a file whole: a reader sees the old text or the new one, never a part, whatever dies.
 *
 * <p>Threads: blocking, any; the last of two writers wins.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /**
   * Writes beside the file, forces to disk, moves over it. Permissions stay; a symbolic link stays
   * and its target is replaced.
   *
   * @throws IOException where it cannot be written; the file is then as it was and nothing is left
   *     beside it
   */
  public static void write(Path path, String text) throws IOException {
    throw new UnsupportedOperationException();
  }
}
