package dev.meshctl.cli.security;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FolderOption;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.context.MeshReplicas;
import dev.meshctl.cli.render.Format;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.security.MutualTls;
import dev.meshctl.model.explain.security.MutualTls.Observed;
import dev.meshctl.model.explain.security.MutualTlsReading;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.topology.NodeIds;
import dev.meshctl.model.validation.Suggestion;
import dev.meshctl.model.xds.WorkloadInstance;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meshctl mtls status}. */
@Command(
    name = "status",
    description = {
      "Show for each workload what its ports take (PeerAuthentication), what clients are told to"
          + " speak (DestinationRule), which lines say so, and whether the two fit; of a running"
          + " mesh, how many of the requests came over mTLS.",
      "Exit code 1 where clients are told what a workload does not take."
    },
    footer = {"", "  meshctl mtls status -f shop/", "  meshctl mtls status reviews-v1 -n bookshop"})
public final class MtlsStatusCommand implements Action {
  @Parameters(
      paramLabel = "[NAMESPACE/]WORKLOAD",
      arity = "0..1",
      description = "One workload (default: all).")
  private String workload = "";

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAMESPACE",
      defaultValue = "",
      description = "Workloads of one namespace.")
  private String namespace = "";

  @Option(
      names = "--window",
      paramLabel = "DURATION",
      defaultValue = "1m",
      description = "What requests are counted over (default: ${DEFAULT-VALUE}).")
  private Duration window = Duration.ofMinutes(1);

  @Mixin private FolderOption where = new FolderOption();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws IOException {
    Scene scene = where.scene(session);
    List<MutualTls> read = MutualTlsReading.of(scene, this::wanted);
    if (read.isEmpty() && !(workload.isEmpty() && namespace.isEmpty())) {
      throw unknown(scene);
    }
    List<MutualTls> all = observed(read, session);
    if (format.format() == Format.text) {
      new MtlsText(session.output()).show(all);
    } else {
      session.output().value(all, format.format());
    }
    return all.stream().allMatch(MutualTls::fits) ? ExitCode.OK : ExitCode.FAILED;
  }

  private boolean wanted(WorkloadInstance instance) {
    int slash = workload.indexOf('/');
    String in = slash < 0 ? namespace : workload.substring(0, slash);
    String name = workload.substring(slash + 1);
    return (in.isEmpty() || instance.namespace().equals(in))
        && (name.isEmpty() || instance.workload().equals(name) || instance.name().equals(name));
  }

  private CommandFailure unknown(Scene scene) {
    TreeSet<String> names =
        scene.instances().stream()
            .filter(instance -> !instance.workload().isEmpty())
            .map(instance -> instance.namespace() + "/" + instance.workload())
            .collect(Collectors.toCollection(TreeSet::new));
    String asked = workload.isEmpty() ? "namespace " + namespace : "workload " + workload;
    return CommandFailure.refused(
        "nothing runs of "
            + asked
            + (workload.isEmpty() || namespace.isEmpty() ? "" : " in " + namespace)
            + " (workloads: "
            + Suggestion.list(names)
            + ")",
        List.of(),
        Suggestion.fix(workload, names, "name one of them, or leave it out for all"));
  }

  /** What cannot be asked is said, and the rest is told all the same. */
  private List<MutualTls> observed(List<MutualTls> read, Session session) throws IOException {
    Map<String, Observed> measured = new HashMap<>();
    try {
      Optional<MeshReplicas> asked = where.asking(session);
      if (asked.isEmpty()) {
        return read;
      }
      try (MeshReplicas replicas = asked.get()) {
        for (GraphView.Node node : replicas.graph(window).nodes()) {
          long requests = node.received().requests();
          measured.put(
              node.id(), new Observed(requests, Math.round(requests * node.received().mtls())));
        }
      }
    } catch (MeshQueryException unasked) {
      session.output().note("requests are not counted: " + unasked.getMessage());
    } catch (CommandFailure unasked) {
      session.output().note("requests are not counted: " + unasked.problem());
    }
    return read.stream()
        .map(each ->
            Optional.ofNullable(measured.get(NodeIds.workload(each.namespace(), each.workload())))
                .map(each::with)
                .orElse(each))
        .toList();
  }
}
