package dev.meshctl.cli.runtime;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.command.MeshOption;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cluster.patch.RuntimePatch;
import dev.meshctl.model.patch.Gate;
import dev.meshctl.model.patch.PatchPlan.Undo;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.PatchRequest;
import dev.meshctl.model.query.RuntimeView;
import dev.meshctl.model.xds.RuntimeOrder.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl runtime patch}. */
@Command(
    name = "patch",
    description = {
      "Order proxies that run to replace their runtime, wave by wave. The control plane does it:"
          + " this command only begins it, and may go away.",
      "What fails, or trips the gate, goes back by itself; `runtime status` shows how far it is."
    },
    footer = {
      "",
      "  meshctl runtime patch --to 1.4.0 --namespace shop --dry-run",
      "  meshctl runtime patch --to 1.4.0 --waves 1,10%%,50%%,100%% --gate slo.yaml --watch"
    })
public final class RuntimePatchCommand implements Action {
  @Option(
      names = "--to",
      required = true,
      paramLabel = "VERSION",
      description = "Version of a bundle that is there, or the beginning of its digest.")
  private String to = "";

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NS",
      description = "Proxies of this one.")
  private String namespace = "";

  @Option(
      names = {"-l", "--selector"},
      split = ",",
      paramLabel = "KEY=VALUE",
      description = "Proxies whose workloads have these labels.")
  private Map<String, String> selector = Map.of();

  @Option(
      names = "--proxy",
      paramLabel = "NAME",
      description = "This one, by id or instance (several may be).")
  private List<String> proxies = List.of();

  @Option(
      names = "--revision",
      paramLabel = "REV",
      description =
          "On a cluster: proxies of this revision's control plane (default: the default"
              + " one's).")
  private String revision = "";

  @Option(
      names = "--waves",
      defaultValue = "1,10%,50%,100%",
      paramLabel = "TOTALS",
      description = "How many are patched by the end of each (default: ${DEFAULT-VALUE}).")
  private String waves = "";

  @Option(
      names = "--gate",
      paramLabel = "FILE",
      description =
          "What must hold (YAML: success in percent, p99, requests, window); else 99.9 %% of the"
              + " last 10 s.")
  private Optional<Path> gate = Optional.empty();

  @Option(
      names = "--soak",
      defaultValue = "30s",
      paramLabel = "TIME",
      description = "For how long the gate looks at each wave (default: ${DEFAULT-VALUE}).")
  private Duration soak = Duration.ZERO;

  @Option(
      names = "--drain",
      defaultValue = "5m",
      paramLabel = "TIME",
      description = "Longest that old processes stay for open connections.")
  private Duration drain = Duration.ZERO;

  @Option(
      names = "--ready",
      defaultValue = "60s",
      paramLabel = "TIME",
      description =
          "Longest that a new process may take until it serves (default: ${DEFAULT-VALUE}).")
  private Duration ready = Duration.ZERO;

  @Option(
      names = "--fallback",
      defaultValue = "30s",
      paramLabel = "TIME",
      description =
          "For how long the old process stays at hand, to go on where the new one dies or hangs"
              + " (default: ${DEFAULT-VALUE}).")
  private Duration fallback = Duration.ZERO;

  @Option(
      names = "--on-failure",
      defaultValue = "ALL",
      paramLabel = "WHAT",
      description = "What goes back: wave or all (default: all).")
  private Undo undo = Undo.ALL;

  @Option(
      names = "--per-node",
      defaultValue = "2",
      paramLabel = "COUNT",
      description =
          "How many of a node begin at once (default: ${DEFAULT-VALUE}): a process that starts takes"
              + " a core for some seconds.")
  private int perNode;

  @Option(names = "--dry-run", description = "Show the waves and begin nothing.")
  private boolean dryRun;

  @Option(
      names = {"-w", "--watch"},
      description = "Stay and show how far it is; exit code 1 where it goes back.")
  private boolean watch;

  @Mixin private MeshOption mesh = new MeshOption();

  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws IOException, InterruptedException {
    Gate wanted = gate.isPresent() ? GateFile.read(gate.get()) : Gate.DEFAULT;
    PatchRequest request =
        new PatchRequest(
            to,
            namespace,
            selector,
            proxies,
            waves,
            wanted,
            soak,
            new Limits(ready, drain, fallback),
            undo,
            perNode,
            dryRun);
    if (mesh.onCluster()) {
      return onCluster(request, session);
    }
    if (!revision.isEmpty()) {
      throw CommandFailure.refused(
          "a mesh on one machine has no revisions",
          List.of(),
          "leave --revision out, or name a cluster by --context");
    }
    PatchState patch;
    try (MeshClient client = mesh.client(session)) {
      patch = client.patch(request);
      if (watch && !dryRun) {
        return watch(session, client, patch.plan().id());
      }
    }
    if (format.format() != Format.text) {
      session.output().value(patch, format.format());
    } else if (dryRun) {
      PatchText.waves(patch, session.output());
      session.output().note("nothing was begun (--dry-run)");
    } else {
      PatchText.line(patch, session.output());
      session.output().note("see `meshctl runtime status --watch`");
    }
    return ExitCode.OK;
  }

  /** Until it is over, and those that were under way before it. */
  private ExitCode watch(Session session, MeshClient client, String id)
      throws InterruptedException {
    RuntimeView seen =
        new PatchWatch(session.output(), format.format(), client::runtimes, InstantSource.system())
            .follow();
    return seen.patches().stream()
        .filter(patch -> patch.plan().id().equals(id))
        .findFirst()
        .map(RuntimeStatusCommand::outcome)
        .orElse(ExitCode.FAILED);
  }

  /** Creates an object, or says what it would come to. */
  private ExitCode onCluster(PatchRequest request, Session session) throws InterruptedException {
    try (ClusterRuntimes cluster = new ClusterRuntimes(mesh.cluster())) {
      RuntimePatch patch =
          dryRun
              ? cluster.foreseen(request, revision, InstantSource.system())
              : cluster.order(request, revision);
      ClusterRuntimeView.Order order = ClusterRuntimeView.Order.of(patch);
      if (watch && !dryRun) {
        Optional<String> namespace = patch.object().namespace();
        ClusterRuntimeView seen =
            RuntimeStatusCommand.watch(cluster, namespace, session.output(), format.format());
        return seen.outcome(order.id());
      }
      if (format.format() != Format.text) {
        Optional<PatchState> plan = patch.status().state();
        session.output().value(plan.isPresent() ? plan.get() : order, format.format());
      } else if (!dryRun) {
        session.output().line(order.id() + " orders " + order.to());
        session.output().note("see `meshctl runtime status --watch`");
      } else if (patch.status().state().isPresent()) {
        PatchText.waves(patch.status().state().get(), session.output());
        session.output().note("nothing was begun (--dry-run)");
      } else {
        PatchText.standstill(order, session.output());
      }
      return dryRun && patch.status().state().isEmpty() ? ExitCode.FAILED : ExitCode.OK;
    }
  }
}
