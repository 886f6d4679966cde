package dev.meshctl.controlplane.patch;

import dev.meshctl.model.patch.PatchBook;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The patches of a control plane as a file: the old state is there or the new one, after a fall.
 */
final class PatchFile {
  private final Path file;

  PatchFile(Path file) {
    this.file = file;
  }

  /**
   * Empty where there is none.
   *
   * @throws IOException where it is there and does not read; nothing is ordered then, rather than
   *     something else
   */
  PatchBook read() throws IOException {
    if (!Files.exists(file)) {
      return PatchBook.EMPTY;
    }
    try {
      return Json.MAPPER.readValue(Files.readString(file), PatchBook.class);
    } catch (JacksonException unreadable) {
      throw new IOException(
          file + " does not read as patches: " + unreadable.getMessage() + "; mend or move it",
          unreadable);
    }
  }

  /** Replaces it; what was written is on the disk when this returns. */
  void write(PatchBook book) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".fresh");
    Files.writeString(fresh, Json.MAPPER.writeValueAsString(book));
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static final class Json {
    static final JsonMapper MAPPER = JsonMapper.builder().build();
  }
}
