package dev.meshctl.cli.install;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.OwnVersion;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.local.TimedProgress;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.install.Followers;
import dev.meshctl.cluster.install.Followers.Follower;
import dev.meshctl.cluster.install.InstallPlan;
import dev.meshctl.cluster.install.NotInTime;
import dev.meshctl.cluster.install.Removal;
import dev.meshctl.model.validation.Suggestion;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl upgrade}. */
@Command(
    name = "upgrade",
    description = {
      "Move a cluster's workloads from one revision of the mesh to another beside it.",
      "Without --revision it shows who is where. With one it installs that revision if it is not"
          + " there, has the namespaces that are named ask for it, and with --restart makes their"
          + " pods anew, one workload after the other. The way back is the same with the old"
          + " revision. Sidecars of the same image that are to become newer need no restart: see"
          + " meshctl runtime patch."
    },
    footer = {
      "",
      "  meshctl upgrade                                     # who is where",
      "  meshctl upgrade --revision 1-2 --namespace shop --restart --dry-run",
      "  meshctl upgrade --revision 1-2 --namespace shop --restart",
      "  meshctl upgrade --revision 1-2 --all-namespaces --restart",
      "  meshctl uninstall --revision default                # when nobody is left there"
    })
public final class UpgradeCommand implements Action {
  @Mixin private ClusterOption cluster = new ClusterOption();

  @Mixin private ValuesOption values = new ValuesOption();

  @Mixin private RunOption how = new RunOption();

  @Mixin private FormatOption format = new FormatOption();

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAMESPACE",
      description = "Which is to ask for the revision; may be repeated.")
  private List<String> namespaces = new ArrayList<>();

  @Option(names = "--all-namespaces", description = "All that ask for sidecars today.")
  private boolean allNamespaces;

  @Option(
      names = "--restart",
      description =
          "Make the pods of these namespaces anew that have a sidecar of another revision.")
  private boolean restart;

  @Override
  public ExitCode run(Session session) throws IOException, ClusterException, InterruptedException {
    Output output = session.output();
    try (ClusterConnection connection = cluster.open()) {
      Set<String> installed = Removal.revisions(new Removal(connection.objects()).inventory());
      if (installed.isEmpty()) {
        throw CommandFailure.refused(
            "nothing of the mesh is installed in " + connection.name(),
            List.of(),
            "begin with meshctl install");
      }
      Followers followers = new Followers(connection.objects());
      if (values.revision().isEmpty()) {
        refuseWithoutRevision();
        show(new View(installed, followers.all()), output);
        return ExitCode.OK;
      }
      return upgrade(connection, installed, followers, output);
    } catch (NotInTime late) {
      throw CommandFailure.failed(
          late.what(),
          "what was done stays; correct what is in the way and run the same again, which goes on"
              + " from there, or go back with --revision of the old one");
    }
  }

  private void refuseWithoutRevision() {
    if (allNamespaces || restart || !namespaces.isEmpty()) {
      throw CommandFailure.refused(
          "to which revision?", List.of(), "say it with --revision, or see who is where without");
    }
  }

  private ExitCode upgrade(
      ClusterConnection connection, Set<String> installed, Followers followers, Output output)
      throws IOException, ClusterException, InterruptedException, NotInTime {
    String revision = values.revision();
    List<Follower> going = going(followers.all());
    if (!installed.contains(revision) || values.saysMore()) {
      InstallPlan plan = InstallPlan.of(cluster.systemNamespace(), values.values(OwnVersion.tag()));
      new PlanRun(connection, how, output).run(plan);
    }
    for (Follower each : going) {
      move(each, revision, followers, output);
    }
    if (restart) {
      for (Follower each : going) {
        restart(each, revision, followers, output);
      }
    }
    if (!how.dryRun()) {
      conclude(revision, followers, output);
    }
    return ExitCode.OK;
  }

  private List<Follower> going(List<Follower> all) {
    if (allNamespaces) {
      return all;
    }
    Map<String, Follower> byName = new TreeMap<>();
    all.forEach(each -> byName.put(each.namespace(), each));
    List<Follower> going = new ArrayList<>();
    for (String name : namespaces) {
      Follower follower = byName.get(name);
      if (follower == null) {
        throw CommandFailure.refused(
            "namespace " + name + " does not ask for sidecars, or is not there",
            List.of(),
            Suggestion.fix(
                name,
                byName.keySet(),
                byName.isEmpty()
                    ? "no namespace asks: label one with istio-injection=enabled"
                    : "those that ask: " + String.join(", ", byName.keySet())));
      }
      going.add(follower);
    }
    return going;
  }

  private void move(Follower each, String revision, Followers followers, Output output)
      throws ClusterException {
    if (each.revision().equals(revision)) {
      output.line("unchanged  Namespace " + each.namespace() + ", asks for " + revision);
      return;
    }
    output.line(
        "move       Namespace " + each.namespace() + ": " + each.revision() + " -> " + revision);
    if (!how.dryRun()) {
      followers.move(each.namespace(), revision);
    }
  }

  private void restart(Follower each, String revision, Followers followers, Output output)
      throws ClusterException, InterruptedException, NotInTime {
    TimedProgress progress = new TimedProgress(output);
    for (ClusterObject owner : followers.behind(each.namespace(), revision)) {
      output.line("restart    " + owner);
      if (!how.dryRun()) {
        followers.restart(owner, InstantSource.system().instant(), how.limit(), progress::line);
      }
    }
  }

  private void conclude(String revision, Followers followers, Output output)
      throws ClusterException {
    Map<String, Integer> elsewhere = new TreeMap<>();
    for (Follower each : followers.all()) {
      each.sidecars()
          .forEach((whose, pods) -> {
            if (!whose.equals(revision)) {
              elsewhere.merge(each.namespace() + " (" + whose + ")", pods, Integer::sum);
            }
          });
    }
    if (elsewhere.isEmpty()) {
      output.line("every sidecar is of revision " + revision);
      output.note("  next: meshctl uninstall --revision OLD, when nobody is to go back");
      return;
    }
    output.line(
        "of another revision still: "
            + elsewhere.entrySet().stream()
                .map(each -> each.getValue() + " pods of " + each.getKey())
                .collect(Collectors.joining(", ")));
    output.note(
        "  next: --restart makes pods anew; without it they change when they are next made");
  }

  /** What people are shown. */
  private record View(List<String> revisions, List<Follower> namespaces) {
    View(Set<String> revisions, List<Follower> namespaces) {
      this(List.copyOf(revisions), List.copyOf(namespaces));
    }
  }

  private void show(View view, Output output) {
    if (format.format() != Format.text) {
      output.value(view, format.format());
      return;
    }
    output.line("installed: " + String.join(", ", view.revisions()));
    for (Follower each : view.namespaces()) {
      String sidecars =
          new TreeMap<>(each.sidecars())
              .entrySet().stream()
                  .map(one -> one.getValue() + " of " + one.getKey())
                  .collect(Collectors.joining(", "));
      output.line(
          "  "
              + each.namespace()
              + " asks for "
              + each.revision()
              + (view.revisions().contains(each.revision()) ? "" : ", which is not installed")
              + "; sidecars: "
              + (sidecars.isEmpty() ? "none" : sidecars));
    }
    if (view.namespaces().isEmpty()) {
      output.line("  no namespace asks for sidecars");
    }
  }
}
