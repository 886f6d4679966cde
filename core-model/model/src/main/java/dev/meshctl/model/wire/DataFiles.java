package dev.meshctl.model.wire;

import java.io.IOException;

/** Reads the files that a {@code DataSource} names. */
public interface DataFiles {
  /** Where files may not be named. */
  DataFiles NONE =
      name -> {
        throw new IOException(name + " (expected: inline_string or inline_bytes)");
      };

  /**
   * The whole text of a file.
   *
   * @throws IOException where it cannot be read; the message names it
   */
  String read(String name) throws IOException;
}
