package dev.meshctl.cli.install;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.local.TimedProgress;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.install.Chart;
import dev.meshctl.cluster.install.Foreseen;
import dev.meshctl.cluster.install.Foreseen.Fate;
import dev.meshctl.cluster.install.InstallPlan;
import dev.meshctl.cluster.install.InstallValues;
import dev.meshctl.cluster.install.Installation;
import dev.meshctl.cluster.install.NotInTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl install}. */
@Command(
    name = "install",
    description = {
      "Install the mesh into a cluster, or change how it is installed.",
      "Shows what it will do, does it, and waits until the control plane serves. Run again it"
          + " changes nothing; interrupted anywhere, run again it completes. Exit code 2 where"
          + " something in the way is somebody else's: nothing was changed then."
    },
    footer = {
      "",
      "  meshctl install --dry-run",
      "  meshctl install --set controlPlane.replicas=3",
      "  meshctl install --revision 1-2            # beside what is there",
      "  meshctl install -o yaml | kubectl apply --server-side -f -"
    })
public final class InstallCommand implements Action {
  private static final int FEW_CHANGES = 8;

  @Mixin private ClusterOption cluster = new ClusterOption();

  @Mixin private ValuesOption values = new ValuesOption();

  @Option(names = "--dry-run", description = "Say what would be done, and do nothing.")
  private boolean dryRun;

  /** {@code -o}. */
  enum Form {
    text,
    yaml
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "yaml: print the manifests, and ask no cluster (default: ${DEFAULT-VALUE}).")
  private Form form = Form.text;

  @Option(
      names = "--write-chart",
      paramLabel = "DIR",
      description = "Write the Helm chart there, and ask no cluster.")
  private @Nullable Path chart;

  @Option(
      names = "--force-conflicts",
      description = "Take fields over that somebody else set, as kubectl does.")
  private boolean force;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description = "How long to wait until it serves (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds = 300;

  @Override
  public ExitCode run(Session session) throws IOException, ClusterException, InterruptedException {
    String version = Versions.ours();
    InstallValues wanted = values.values(version);
    Output output = session.output();
    if (chart != null) {
      write(chart, version);
      output.line("the chart is in " + chart);
      return ExitCode.OK;
    }
    InstallPlan plan = InstallPlan.of(cluster.systemNamespace(), wanted);
    if (form == Form.yaml) {
      output.out().print(plan.yaml());
      return ExitCode.OK;
    }
    try (ClusterConnection connection = cluster.open()) {
      return install(plan, connection, output);
    } catch (NotInTime late) {
      throw CommandFailure.failed(
          late.what(),
          "what was done stays; correct what is in the way and run the same again, which goes on"
              + " from there");
    }
  }

  private ExitCode install(InstallPlan plan, ClusterConnection connection, Output output)
      throws ClusterException, InterruptedException, NotInTime {
    TimedProgress progress = new TimedProgress(output);
    Installation installation =
        new Installation(
            connection.objects(), force, Duration.ofSeconds(timeoutSeconds), progress::line);
    List<Foreseen> foreseen = installation.foresee(plan);
    show(foreseen, output);
    refuse(foreseen);
    if (dryRun) {
      return ExitCode.OK;
    }
    installation.carryOut(foreseen);
    String revision = plan.values().revisionName();
    output.line(
        "installed in "
            + plan.systemNamespace()
            + " of "
            + connection.name()
            + ", revision "
            + revision);
    output.note(
        "  next: kubectl label namespace NAMESPACE "
            + (revision.equals("default") ? "istio-injection=enabled" : "istio.io/rev=" + revision)
            + "; pods get their sidecar when they are created");
    return ExitCode.OK;
  }

  private static void refuse(List<Foreseen> foreseen) {
    List<String> problems = new ArrayList<>();
    String fix = "";
    for (Foreseen each : foreseen) {
      if (each.fate() instanceof Fate.Refuse refuse) {
        problems.add(each.object() + " " + refuse.why());
        fix = refuse.fix();
      }
    }
    if (!problems.isEmpty()) {
      throw CommandFailure.refused(
          "something in the way is not ours to change; nothing was changed", problems, fix);
    }
  }

  private static void show(List<Foreseen> foreseen, Output output) {
    int unchanged = 0;
    for (Foreseen each : foreseen) {
      switch (each.fate()) {
        case Fate.Create create -> output.line("create     " + each.object());
        case Fate.Change change -> {
          output.line("change     " + each.object());
          change.changes().stream()
              .limit(FEW_CHANGES)
              .forEach(line -> output.line("           " + line));
          if (change.changes().size() > FEW_CHANGES) {
            output.line("           and " + (change.changes().size() - FEW_CHANGES) + " more");
          }
        }
        case Fate.Unchanged same -> unchanged++;
        case Fate.Leave leave -> output.line("leave      " + each.object() + ", " + leave.why());
        case Fate.Refuse refuse -> output.line("refuse     " + each.object());
      }
    }
    if (unchanged > 0) {
      output.line("unchanged  " + unchanged + " of " + foreseen.size() + " objects");
    }
  }

  private static void write(Path folder, String version) throws IOException {
    for (Map.Entry<String, String> file : Chart.files(version).entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(Optional.ofNullable(path.getParent()).orElse(folder));
      Files.writeString(path, file.getValue());
    }
  }
}
