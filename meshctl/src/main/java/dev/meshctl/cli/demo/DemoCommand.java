package dev.meshctl.cli.demo;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.local.TimedProgress;
import dev.meshctl.cli.runtime.DemoImageCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code meshctl demo}. */
@Command(
    name = "demo",
    subcommands = DemoImageCommand.class,
    description = {
      "Run a real mesh on this machine, move a traffic split under load, and show what its"
          + " sidecars measured.",
      "",
      "Exit code 0 only if no request failed and every share is as desired, within chance."
    })
public final class DemoCommand implements Action {
  @Option(
      names = "--transparent",
      description = "Capture traffic in network namespaces (as root); workloads know nothing.")
  private boolean transparent;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "24",
      description = "How long to send load, over all positions of the split; at least 12.")
  private int seconds = 24;

  @Option(
      names = "--requests-per-second",
      paramLabel = "N",
      defaultValue = "60",
      description = "How much load; each request makes about six calls within the mesh.")
  private int requestsPerSecond = 60;

  @Option(names = "--json", description = "The last line of output is one JSON object.")
  private boolean json;

  @Option(
      names = "--keep",
      description = "Leave the mesh running for other terminals, until `meshctl local down`.")
  private boolean keep;

  @Override
  public ExitCode run(Session session) throws Exception {
    check("--seconds", seconds, 12, 3600);
    check("--requests-per-second", requestsPerSecond, 1, 2000);
    TimedProgress progress = new TimedProgress(session.output());
    Demo.Options options =
        new Demo.Options(
            bookshop(), transparent, Duration.ofSeconds(seconds), requestsPerSecond, keep);
    boolean live = session.output().screen().terminal() && !json;
    try (DemoView view = live ? DemoView.onTerminal(session.output()) : DemoView.plain(progress)) {
      DemoReport report = new Demo(options, session.meshes(), progress, view).run();
      view.close();
      if (json) {
        session.output().jsonLine(report);
      } else {
        DemoText.print(report, options, session.output());
      }
      return report.succeeded() ? ExitCode.OK : ExitCode.FAILED;
    }
  }

  private static void check(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw CommandFailure.refused(
          option + ": " + value + " (expected: " + least + " to " + most + ")", List.of(), "");
    }
  }

  private static Path bookshop() {
    Path folder = Path.of(System.getProperty("meshctl.root", ""), "samples", "bookshop");
    if (!Files.isDirectory(folder)) {
      throw CommandFailure.failed(
          "the sample mesh is not at " + folder.toAbsolutePath(),
          "run meshctl/bin/meshctl of a checkout, which knows where it is");
    }
    return folder.toAbsolutePath().normalize();
  }
}
