package dev.meshctl.cli.command;

import dev.meshctl.capture.node.NodeView;
import dev.meshctl.capture.node.explain.NodeMode;
import dev.meshctl.capture.node.explain.ServiceExplainer;
import dev.meshctl.capture.node.explain.ServiceWay;
import dev.meshctl.capture.node.rules.Packet.From;
import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.context.Folders;
import dev.meshctl.cli.render.Format;
import dev.meshctl.model.resource.EndpointSlice;
import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Node;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.validation.Suggestion;
import dev.meshctl.model.validation.ValidatedMesh;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meshctl service explain}. */
@Command(
    name = "explain",
    description = {
      "Show the way of a packet to a Service on a node, rule by rule, with the line of YAML that made"
          + " each rule.",
      "Reads a folder; nothing is asked of a cluster or of the kernel."
    },
    footer = {
      "",
      "  kubectl get nodes,services,endpointslices -A -o yaml > cluster/all.yaml",
      "  meshctl service explain shop/cart --mode nftables --from outside -f cluster/"
    })
public final class ServiceExplainCommand implements Action {
  /** Of a node of which nobody wrote an address. */
  private static final String SOME_ADDRESS = "198.18.0.1";

  @Parameters(paramLabel = "[NAMESPACE/]SERVICE", description = "The Service.")
  private String service = "";

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "iptables",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private NodeMode mode = NodeMode.iptables;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAMESPACE",
      defaultValue = "default",
      description = "Of the Service (default: ${DEFAULT-VALUE}).")
  private String namespace = "default";

  /** Where a client is, as users name it. */
  public enum Client {
    pod,
    node,
    outside
  }

  @Option(
      names = "--from",
      paramLabel = "CLIENT",
      defaultValue = "pod",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Client from = Client.pod;

  @Option(
      names = "--source-ip",
      paramLabel = "ADDRESS",
      description = "Of the client (default: one that stands for all of its kind).")
  private @Nullable String source;

  @Option(
      names = "--node",
      paramLabel = "NODE",
      description = "On which node (default: the first that is written).")
  private @Nullable String node;

  @Mixin private FolderOption where = new FolderOption();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws IOException {
    ValidatedMesh mesh = Folders.mesh(where.folder(session));
    Service found = service(mesh);
    List<String> notes = new ArrayList<>();
    NodeView view = node(mesh, notes);
    notes(mesh, found, notes);
    ServiceWay way =
        new ServiceExplainer(view, mode, from(), source(notes))
            .explain(mesh, found.metadata().namespace(), found.metadata().name(), notes);
    if (format.format() == Format.text) {
      ServiceWayText.show(way, session.output());
    } else {
      session.output().value(way, format.format());
    }
    return ExitCode.OK;
  }

  private From from() {
    return switch (from) {
      case pod -> From.POD;
      case node -> From.NODE;
      case outside -> From.OUTSIDE;
    };
  }

  private Optional<String> source(List<String> notes) {
    if (source != null && IpBlock.parse(source).filter(IpBlock::isSingle).isEmpty()) {
      throw CommandFailure.refused(
          "no address: " + source, List.of(), "write it as --source-ip 192.0.2.1");
    }
    return Optional.ofNullable(source);
  }

  private Service service(ValidatedMesh mesh) {
    int slash = service.indexOf('/');
    String in = slash < 0 ? namespace : service.substring(0, slash);
    String name = service.substring(slash + 1);
    List<Service> all = mesh.all(Service.class);
    return all.stream()
        .filter(
            each -> each.metadata().namespace().equals(in) && each.metadata().name().equals(name))
        .findFirst()
        .orElseThrow(() -> {
          List<String> known =
              all.stream()
                  .map(each -> each.metadata().namespace() + "/" + each.metadata().name())
                  .toList();
          return CommandFailure.refused(
              "there is no Service " + in + "/" + name,
              List.of(),
              Suggestion.fix(in + "/" + name, known, "Services here: " + String.join(", ", known)));
        });
  }

  private NodeView node(ValidatedMesh mesh, List<String> notes) {
    List<String> names = mesh.all(Node.class).stream().map(n -> n.metadata().name()).toList();
    if (node != null && !names.contains(node)) {
      throw CommandFailure.refused(
          "there is no Node " + node,
          List.of(),
          names.isEmpty()
              ? "none is written: leave --node out, or add Nodes to the folder"
              : "Nodes here: " + String.join(", ", names));
    }
    if (names.isEmpty()) {
      notes.add(
          "no Node is written: one without endpoints of its own is meant, at "
              + SOME_ADDRESS
              + ", and nobody is known to be a pod");
      return new NodeView("node", "", List.of(SOME_ADDRESS), List.of(), List.of());
    }
    NodeView view = NodeView.of(mesh, node != null ? node : names.getFirst());
    if (view.podRanges().isEmpty()) {
      notes.add("no Node says which addresses are pods' (spec.podCIDRs)");
    }
    return view;
  }

  private static void notes(ValidatedMesh mesh, Service service, List<String> notes) {
    String name = service.metadata().name();
    String namespace = service.metadata().namespace();
    if (service.type() == Service.Type.EXTERNAL_NAME) {
      notes.add(
          "ExternalName: DNS answers with " + service.externalName() + "; no node carries it");
    } else if (service.headless()) {
      notes.add("headless: DNS answers with the endpoints themselves; no node carries it");
    } else if (service.addresses().isEmpty()) {
      notes.add("it has no clusterIP: a cluster gives it one; read it from there");
    } else if (mesh.all(EndpointSlice.class).stream()
        .noneMatch(slice ->
            slice.metadata().namespace().equals(namespace)
                && slice.serviceName().filter(name::equals).isPresent())) {
      notes.add("no EndpointSlice of it is written: nodes know no endpoint");
    }
  }
}
