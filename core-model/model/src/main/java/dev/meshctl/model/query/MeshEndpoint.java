package dev.meshctl.model.query;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import tools.jackson.core.JacksonException;

/**
 * Where a control plane's query API is and how to be let in; a file of this shape is what {@code
 * local up} leaves for other terminals (readable by its owner only).
 *
 * @param url {@code https://127.77.0.1:15014}
 * @param trustBundleFile PEM that verifies the server
 * @param tokenFile bearer token, read again at each call because it is renewed
 */
public record MeshEndpoint(String url, String trustBundleFile, String tokenFile) {

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws MeshQueryException.NoMesh where there is no such file, or it does not read as an
   *     endpoint
   */
  public static MeshEndpoint read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException absent) {
      throw new MeshQueryException.NoMesh(file.toString(), "no such file", absent);
    } catch (IOException unreadable) {
      throw new MeshQueryException.NoMesh(
          file.toString(), "cannot be read: " + unreadable.getMessage(), unreadable);
    }
    try {
      return QueryJson.mapper().readValue(text, MeshEndpoint.class);
    } catch (JacksonException malformed) {
      throw new MeshQueryException.NoMesh(
          file.toString(), "is not an endpoint: " + malformed.getOriginalMessage(), malformed);
    }
  }

  /** Writes atomically, readable by the owner only. */
  public void write(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Path fresh =
        Files.createTempFile(
            folder,
            ".endpoint",
            ".json",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(fresh, QueryJson.mapper().writeValueAsString(this));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}
