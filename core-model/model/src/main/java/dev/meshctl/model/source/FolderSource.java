package dev.meshctl.model.source;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Reads the {@code *.yaml} and {@code *.yml} files of a folder and of its subfolders, ordered by
 * name; skips names that begin with a dot.
 *
 * <p>Threads: blocking, any.
 */
public final class FolderSource {
  private FolderSource() {}

  /**
   * @param path a folder, or one file
   * @throws IOException where the folder or one of its files cannot be read
   */
  public static FolderContents read(Path path) throws IOException {
    throw new UnsupportedOperationException();
  }
}
