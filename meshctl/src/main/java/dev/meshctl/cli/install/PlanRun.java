package dev.meshctl.cli.install;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.local.TimedProgress;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.install.Foreseen;
import dev.meshctl.cluster.install.Foreseen.Fate;
import dev.meshctl.cluster.install.InstallPlan;
import dev.meshctl.cluster.install.Installation;
import dev.meshctl.cluster.install.NotInTime;
import java.util.ArrayList;
import java.util.List;

/** Shows what a plan comes to in a cluster, refuses what cannot be, and carries the rest out. */
final class PlanRun {
  private static final int FEW_CHANGES = 8;

  private final Installation installation;
  private final boolean dryRun;
  private final Output output;

  PlanRun(ClusterConnection connection, RunOption how, Output output) {
    TimedProgress progress = new TimedProgress(output);
    this.installation =
        new Installation(connection.objects(), how.force(), how.limit(), progress::line);
    this.dryRun = how.dryRun();
    this.output = output;
  }

  /**
   * A dry run ends when it is shown that nothing is in the way.
   *
   * @throws CommandFailure where something in the way is somebody else's; nothing was changed
   */
  void run(InstallPlan plan) throws ClusterException, InterruptedException, NotInTime {
    List<Foreseen> foreseen = installation.foresee(plan);
    show(foreseen, output);
    refuse(foreseen);
    if (!dryRun) {
      installation.carryOut(foreseen);
    }
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
}
