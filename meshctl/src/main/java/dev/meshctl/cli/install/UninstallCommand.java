package dev.meshctl.cli.install;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.local.TimedProgress;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.install.Followers;
import dev.meshctl.cluster.install.NotInTime;
import dev.meshctl.cluster.install.Removal;
import dev.meshctl.cluster.install.Uninstallation;
import dev.meshctl.model.validation.Suggestion;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl uninstall}. */
@Command(
    name = "uninstall",
    description = {
      "Take the mesh out of a cluster, so that nothing of it is left.",
      "Shows what goes, and takes it away. With the last revision go the kinds that meshctl"
          + " installed; where objects of them are left, say with --keep-crds or"
          + " --delete-configuration what is to become of them."
    },
    footer = {"", "  meshctl uninstall --dry-run", "  meshctl uninstall --revision 1-1"})
public final class UninstallCommand implements Action {
  private static final int FEW = 10;

  @Mixin private ClusterOption cluster = new ClusterOption();

  @Option(
      names = "--revision",
      paramLabel = "NAME",
      description = "Which, where several are installed; the one without a name is 'default'.")
  private @Nullable String revision;

  @Option(names = "--keep-crds", description = "Leave kinds, and all objects of them.")
  private boolean keepCrds;

  @Option(
      names = "--delete-configuration",
      description = "Delete users' objects of the kinds that go.")
  private boolean deleteConfiguration;

  @Option(
      names = "--force",
      description = "Even where pods still have a sidecar, which nobody tells anything any more.")
  private boolean force;

  @Option(names = "--dry-run", description = "Say what would go, and do nothing.")
  private boolean dryRun;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "120",
      description = "How long to wait until all of it is gone (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds = 120;

  @Override
  public ExitCode run(Session session) throws ClusterException, InterruptedException {
    try (ClusterConnection connection = cluster.open()) {
      return uninstall(connection, session.output());
    } catch (NotInTime late) {
      throw CommandFailure.failed(
          late.what(), "something holds it (finalizers?); run the same again when that is gone");
    }
  }

  private ExitCode uninstall(ClusterConnection connection, Output output)
      throws ClusterException, InterruptedException, NotInTime {
    Removal removal = new Removal(connection.objects());
    List<ClusterObject> inventory = removal.inventory();
    Set<String> revisions = Removal.revisions(inventory);
    String which = which(revisions);
    List<ClusterObject> going = Removal.going(inventory, which, keepCrds);
    if (going.isEmpty()) {
      output.line("nothing of the mesh is installed in " + connection.name());
      return ExitCode.OK;
    }
    going.forEach(object -> output.line("delete     " + object));
    refuseWhileUsed(connection, removal, which, going);
    if (dryRun) {
      return ExitCode.OK;
    }
    TimedProgress progress = new TimedProgress(output);
    new Uninstallation(connection.objects(), Duration.ofSeconds(timeoutSeconds), progress::line)
        .carryOut(going);
    List<String> others = revisions.stream().filter(each -> !each.equals(which)).toList();
    output.line(
        others.isEmpty()
            ? "nothing of the mesh is left in " + connection.name()
            : "revision " + which + " is gone; " + Output.list(others) + " stays");
    return ExitCode.OK;
  }

  private String which(Set<String> revisions) {
    if (revision != null) {
      if (!revisions.isEmpty() && !revisions.contains(revision)) {
        throw CommandFailure.refused(
            "no revision " + revision + " is installed",
            List.of(),
            Suggestion.fix(revision, revisions, "installed: " + String.join(", ", revisions)));
      }
      return revision;
    }
    if (revisions.size() > 1) {
      throw CommandFailure.refused(
          "several revisions are installed: " + String.join(", ", revisions),
          List.of(),
          "say which with --revision");
    }
    // None, where only what they share is left.
    return revisions.stream().findFirst().orElse("default");
  }

  private void refuseWhileUsed(
      ClusterConnection connection, Removal removal, String which, List<ClusterObject> going)
      throws ClusterException {
    List<String> sidecars = new Followers(connection.objects()).sidecarsOf(which);
    if (!sidecars.isEmpty() && !force) {
      throw CommandFailure.refused(
          sidecars.size() + " pods still have a sidecar of revision " + which,
          sidecars.stream().limit(FEW).toList(),
          "move them to another revision (meshctl upgrade), or take the label off their namespaces"
              + " and restart them (kubectl rollout restart), or go on with --force");
    }
    Map<String, Integer> configuration = removal.configurationIn(going);
    if (!configuration.isEmpty() && !deleteConfiguration) {
      throw CommandFailure.refused(
          "with their kinds would go objects of users",
          configuration.entrySet().stream()
              .map(each -> each.getValue() + " of " + each.getKey())
              .toList(),
          "keep kinds and objects with --keep-crds, or let them go with --delete-configuration");
    }
  }
}
