package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.local.process.RuntimeLaunch;
import dev.meshctl.cli.local.process.RuntimeLaunch.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code meshctl proxy run}: our proxy alone, in a process of the runtime's own. {@code
 * bin/meshctl} replaces itself by that process; this command is for callers that cannot.
 */
@Command(
    name = "run",
    description = {
      "Run our proxy alone, from an Envoy v3 bootstrap (YAML or JSON).",
      "What it does not support is named and refused."
    })
public final class ProxyRunCommand implements Action {
  private static final String MEMORY_FILE = "meshctl/bin/standalone.memory";

  @Option(
      names = {"-c", "--config-path"},
      required = true,
      paramLabel = "FILE",
      description = "The bootstrap.")
  private Path config = Path.of("");

  @Option(names = "--lenient", description = "Warn of what is not supported and go on without it.")
  private boolean lenient;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description = "Event loops; as many as there are cores where not given.")
  private Optional<Integer> concurrency = Optional.empty();

  @Override
  public ExitCode run(Session session) throws IOException, InterruptedException {
    if (!Files.isReadable(config)) {
      throw CommandFailure.refused(config + ": no such file, or not readable", List.of(), "");
    }
    List<String> arguments = new ArrayList<>(List.of("-c", config.toString()));
    if (lenient) {
      arguments.add("--lenient");
    }
    concurrency.ifPresent(n -> arguments.addAll(List.of("--concurrency", n.toString())));
    Process proxy =
        new ProcessBuilder(
                RuntimeLaunch.ofThisProcess("runtime")
                    .command(Program.STANDALONE, memory(), arguments))
            .inheritIO()
            .start();
    // Ctrl-C reaches both; a signal to this process alone is passed on.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> {
              proxy.destroy();
              proxy.onExit().join();
            }));
    return switch (proxy.waitFor()) {
      case 0 -> ExitCode.OK;
      case 2 -> ExitCode.REFUSED;
      default -> ExitCode.FAILED;
    };
  }

  private static List<String> memory() throws IOException {
    String root = System.getProperty("meshctl.root", "");
    return root.isEmpty()
        ? List.of()
        : List.of(Files.readString(Path.of(root, MEMORY_FILE)).strip().split("\\s+"));
  }
}
