package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.check.ClusterChecks;
import dev.meshctl.cli.check.ClusterProxyChecks;
import dev.meshctl.cli.check.Finding;
import dev.meshctl.cli.check.InstallationChecks;
import dev.meshctl.cli.check.MachineChecks;
import dev.meshctl.cli.check.MeshChecks;
import dev.meshctl.cli.context.ClusterMesh;
import dev.meshctl.cli.install.ClusterOption;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.install.Followers;
import dev.meshctl.cluster.install.Removal;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl check}. */
@Command(
    name = "check",
    description = {
      "Look whether this machine can run a mesh, and whether the meshes on it are well.",
      "With --cluster: whether a mesh can be installed into a cluster (version, permissions, what"
          + " is in the way, webhooks), or how the one stands that is (components, certificates,"
          + " injection, what proxies refused).",
      "Exit code 1 on an error."
    })
public final class CheckCommand implements Action {
  @Mixin private FormatOption format = new FormatOption();

  @Option(names = "--cluster", description = "Look at a cluster, not at this machine.")
  private boolean ofCluster;

  @Mixin private ClusterOption cluster = new ClusterOption();

  @Override
  public ExitCode run(Session session) throws ClusterException {
    List<Finding> findings = ofCluster ? ofCluster() : ofMachine(session);
    if (format.format() == Format.text) {
      findings.forEach(finding -> show(finding, session.output()));
    } else {
      session.output().value(findings, format.format());
    }
    return findings.stream().anyMatch(f -> f.level() == Finding.Level.ERROR)
        ? ExitCode.FAILED
        : ExitCode.OK;
  }

  private static List<Finding> ofMachine(Session session) {
    List<Finding> findings = new ArrayList<>();
    findings.addAll(new MachineChecks(session.environment(), session.meshes()).run());
    findings.addAll(new MeshChecks(session.meshes(), Clock.systemUTC()).run());
    return findings;
  }

  private List<Finding> ofCluster() throws ClusterException {
    try (ClusterMesh mesh = cluster.mesh()) {
      ClusterObjects objects = mesh.connection().objects();
      List<ClusterObject> inventory = new Removal(objects).inventory();
      if (Removal.revisions(inventory).isEmpty()) {
        return new ClusterChecks(mesh.connection(), cluster.plan()).run();
      }
      List<Finding> findings =
          new ArrayList<>(new InstallationChecks(objects, inventory, Clock.systemUTC()).run());
      findings.addAll(ClusterProxyChecks.of(mesh, new Followers(objects).proxies()).run());
      return findings;
    }
  }

  private static void show(Finding finding, Output output) {
    String mark =
        switch (finding.level()) {
          case OK -> output.paint(Style.GOOD, "ok     ");
          case WARNING -> output.paint(Style.CAREFUL, "warning");
          case ERROR -> output.paint(Style.BAD, "error  ");
        };
    output.line(mark + "  " + finding.subject() + ": " + finding.found());
    if (!finding.fix().isEmpty()) {
      output.line("         fix: " + finding.fix());
    }
  }
}
