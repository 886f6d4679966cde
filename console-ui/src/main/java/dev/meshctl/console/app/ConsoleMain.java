package dev.meshctl.console.app;

import dev.meshctl.model.query.MeshEndpoint;
import dev.meshctl.model.query.QueryJson;
import dev.meshctl.model.query.RunningMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import javafx.application.Application;
import tools.jackson.core.JacksonException;

/**
 * {@code ConsoleMain --mesh-file FILE}: a window on the mesh that the file describes (a {@link
 * RunningMesh} as JSON). Not itself an {@link Application}: JavaFX refuses to start one from the
 * class path.
 */
public final class ConsoleMain {
  private static final String USAGE = "usage: ConsoleMain --mesh-file FILE";

  private ConsoleMain() {}

  public static void main(String[] arguments) {
    try {
      read(List.of(arguments));
    } catch (IOException unusable) {
      System.getLogger(ConsoleMain.class.getName())
          .log(System.Logger.Level.ERROR, unusable.getMessage());
      System.exit(2);
    }
    Application.launch(ConsoleApplication.class, arguments);
  }

  /**
   * The mesh that the arguments name.
   *
   * @throws IOException that says what is wrong and what to do
   */
  static RunningMesh read(List<String> arguments) throws IOException {
    if (arguments.size() != 2 || !arguments.getFirst().equals("--mesh-file")) {
      throw new IOException(USAGE);
    }
    Path file = Path.of(arguments.get(1));
    try {
      RunningMesh mesh = QueryJson.mapper().readValue(Files.readString(file), RunningMesh.class);
      MeshEndpoint endpoint = mesh.endpoint();
      if (endpoint == null || mesh.configFolder() == null || mesh.name() == null) {
        throw new IOException(file + ": is not a running mesh; start one with `meshctl local up`");
      }
      return mesh;
    } catch (NoSuchFileException absent) {
      throw new IOException(
          file + ": no such file; start a mesh with `meshctl local up -f DIR`", absent);
    } catch (JacksonException malformed) {
      throw new IOException(
          file + ": is not a running mesh: " + malformed.getOriginalMessage(), malformed);
    }
  }
}
