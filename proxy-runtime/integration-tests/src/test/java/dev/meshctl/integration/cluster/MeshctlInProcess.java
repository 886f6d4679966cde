package dev.meshctl.integration.cluster;

import dev.meshctl.cli.Meshctl;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.context.RunningMeshes;
import dev.meshctl.cli.render.Screen;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code meshctl} in this process, told a cluster.
 *
 * @param state folder for what it keeps
 * @param always words of every call
 */
record MeshctlInProcess(Path state, List<String> always) {

  /** What it printed. */
  record Said(int exitCode, String out, String err) {}

  /** Runs a command as whomever {@code kubeconfig} names. */
  Said run(Path kubeconfig, String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--kubeconfig", kubeconfig.toString()));
    all.addAll(always);
    int exitCode =
        Meshctl.run(
            new Session(
                new dev.meshctl.cli.render.Output(
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8),
                    new Screen(false, false, false, Screen.UNBOUNDED)),
                Map.of(),
                RunningMeshes.of(Map.of(RunningMeshes.STATE_VARIABLE, state.toString())),
                Optional.empty()),
            all.toArray(String[]::new));
    return new Said(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
