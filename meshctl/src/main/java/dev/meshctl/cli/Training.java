package dev.meshctl.cli;

import dev.meshctl.cli.context.RunningMeshes;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Screen;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;

/**
 * {@code --train}: the commands that people wait for, run once with their output thrown away, so
 * that an AOT cache recorded meanwhile holds their classes.
 */
final class Training {
  private Training() {}

  static void run() {
    Output nowhere =
        new Output(
            new PrintStream(OutputStream.nullOutputStream()),
            new PrintStream(OutputStream.nullOutputStream()),
            Screen.PLAIN);
    Session session =
        new Session(
            nowhere,
            Map.of(RunningMeshes.STATE_VARIABLE, "/nonexistent"),
            RunningMeshes.of(Map.of(RunningMeshes.STATE_VARIABLE, "/nonexistent")),
            Optional.empty());
    String[][] commands = {{"--help"}, {"version"}, {"graph"}, {"proxy", "status"}, {"bogus"}};
    for (String[] command : commands) {
      Meshctl.run(session, command);
    }
  }
}
