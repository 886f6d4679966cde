package dev.meshctl.cli.install;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.OwnVersion;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.install.Chart;
import dev.meshctl.cluster.install.Followers;
import dev.meshctl.cluster.install.InstallPlan;
import dev.meshctl.cluster.install.InstallValues;
import dev.meshctl.cluster.install.NotInTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  @Mixin private ClusterOption cluster = new ClusterOption();

  @Mixin private ValuesOption values = new ValuesOption();

  @Mixin private RunOption how = new RunOption();

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

  @Override
  public ExitCode run(Session session) throws IOException, ClusterException, InterruptedException {
    String version = OwnVersion.tag();
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
    new PlanRun(connection, how, output).run(plan);
    if (how.dryRun()) {
      return ExitCode.OK;
    }
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
            + (revision.equals(Followers.DEFAULT)
                ? "istio-injection=enabled"
                : "istio.io/rev=" + revision)
            + "; pods get their sidecar when they are created");
    return ExitCode.OK;
  }

  private static void write(Path folder, String version) throws IOException {
    for (Map.Entry<String, String> file : Chart.files(version).entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(Optional.ofNullable(path.getParent()).orElse(folder));
      Files.writeString(path, file.getValue());
    }
  }
}
