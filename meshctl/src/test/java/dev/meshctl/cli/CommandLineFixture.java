package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.context.RunningMeshes;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Screen;
import dev.meshctl.model.query.RunningMesh;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Runs commands as {@code main} does, with a state folder, streams and screen of the test's. */
public final class CommandLineFixture {
  private final Path state;
  private final Screen screen;

  private CommandLineFixture(Path state, Screen screen) {
    this.state = state;
    this.screen = screen;
  }

  public static CommandLineFixture in(Path state) {
    return new CommandLineFixture(state, Screen.PLAIN);
  }

  /** The same on a screen of so many columns, without colour. */
  public CommandLineFixture columns(int columns) {
    return new CommandLineFixture(state, new Screen(true, false, false, columns));
  }

  /** What a command said. */
  public record Said(int exitCode, String out, String err) {
    /** The whole of it as a golden file has it: exit code, answer, notes. */
    public String golden() {
      return out + (err.isEmpty() ? "" : "--- stderr\n" + err) + "--- exit " + exitCode + "\n";
    }
  }

  public Said run(String... words) {
    return run(Map.of(), words);
  }

  public Said run(Map<String, String> environment, String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Output output = new Output(stream(out), stream(err), screen);
    int exitCode = Meshctl.run(new Session(output, environment, meshes(), Optional.empty()), words);
    return new Said(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  RunningMeshes meshes() {
    return RunningMeshes.of(Map.of(RunningMeshes.STATE_VARIABLE, state.toString()));
  }

  /** Makes a mesh of this process, which surely runs, with that control plane. */
  void running(String name, FakeControlPlane plane, Path folder) throws IOException {
    meshes()
        .write(
            new RunningMesh(
                name,
                plane.endpoint(),
                folder.toString(),
                "http://127.77.0.10:8080",
                "explicit",
                ProcessHandle.current().pid()));
  }

  /** The text of {@code golden/NAME.txt}. */
  static String golden(String name) {
    try (InputStream in = CommandLineFixture.class.getResourceAsStream("golden/" + name + ".txt")) {
      assertThat(in).as("golden/" + name + ".txt").isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
