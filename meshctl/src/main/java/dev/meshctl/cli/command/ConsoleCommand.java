package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.model.query.RunningMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code meshctl console}: starts the console's own JVM, with {@code --mesh-file} naming the {@code
 * mesh.json} of the mesh, and ends with it.
 */
@Command(
    name = "console",
    description = "Open a window with the live graph and the splits of a running mesh.")
public final class ConsoleCommand implements Action {
  private static final String MAIN = "dev.meshctl.console.app.ConsoleMain";

  @Mixin private MeshOption mesh = new MeshOption();

  @Override
  public ExitCode run(Session session) throws IOException, InterruptedException {
    RunningMesh running = mesh.mesh(session);
    Path lib = library();
    Path meshFile = session.meshes().file(running.name());
    Process console =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                lib + "/*",
                MAIN,
                "--mesh-file",
                meshFile.toString())
            .inheritIO()
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(console::destroy));
    return console.waitFor() == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private static Path library() {
    Path lib = Path.of(System.getProperty("meshctl.root", ""), "console-ui/target/console/lib");
    if (!Files.isDirectory(lib)) {
      throw CommandFailure.failed(
          lib + ": the console is not built",
          List.of(),
          "run `MESHCTL_BUILD=always meshctl version`, which builds everything");
    }
    return lib;
  }
}
