package dev.meshctl.model.topology;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.NodeKind;
import dev.meshctl.model.query.GraphView.Signals;
import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.topology.Expectations.Expected;
import dev.meshctl.model.topology.Expectations.Group;
import dev.meshctl.model.topology.ServiceDirectory.Entry;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Lays samples on the graph's edges. Thread: confined to one view's making. */
final class Observations {
  private final ServiceDirectory services;
  private final WorkloadIndex workloads;
  private final GatewayIndex gateways;
  private final Expectations expectations;
  private final Map<Link, Tally> links = new HashMap<>();
  private final Map<String, Tally> nodes = new HashMap<>();
  private final Map<String, GraphView.Node> newcomers = new TreeMap<>();

  Observations(
      ServiceDirectory services,
      WorkloadIndex workloads,
      GatewayIndex gateways,
      Expectations expectations) {
    this.services = services;
    this.workloads = workloads;
    this.gateways = gateways;
    this.expectations = expectations;
  }

  /** Caller to service, service to service where one stands for another, service to workload. */
  void add(EdgeSample sample) {
    if (sample.requests() == 0) {
      return;
    }
    EdgeKey key = sample.key();
    Layer layer = Layer.of(key.protocol());
    Optional<Entry> known = services.find(key.destinationService(), key.source().namespace());
    String caller = source(key.source(), known, layer);
    if (known.isEmpty()) {
      String stranger = stranger(key.destinationService());
      count(new Link(caller, stranger, layer), key.destinationService(), sample, caller);
      receive(caller, stranger, sample);
      return;
    }
    Entry reached = known.get();
    Entry called =
        key.route().isEmpty() || caller.startsWith("gateway:")
            ? reached
            : expectations.calledBefore(key.route(), reached).orElse(reached);
    count(new Link(caller, called.node(), layer), called.host(), sample, caller);
    receive(caller, called.node(), sample);
    if (!called.equals(reached)) {
      hop(called, reached, sample, caller);
    }
    Entry last = throughAliases(reached, sample, caller);
    if (!key.destination().name().isEmpty()) {
      String workload = workload(key.destination());
      count(new Link(last.node(), workload, layer), last.host(), sample, caller);
      tally(workload).add(sample, true);
    }
  }

  private Entry throughAliases(Entry from, EdgeSample sample, String caller) {
    Entry current = from;
    Set<String> seen = new HashSet<>();
    while (!current.alias().isEmpty() && seen.add(current.host())) {
      Optional<Entry> real = services.find(current.alias(), current.namespace());
      if (real.isEmpty()) {
        return current;
      }
      hop(current, real.get(), sample, caller);
      current = real.get();
    }
    return current;
  }

  private void hop(Entry from, Entry to, EdgeSample sample, String caller) {
    Layer layer = Layer.of(sample.key().protocol());
    count(new Link(from.node(), to.node(), layer), to.host(), sample, caller);
    tally(to.node()).add(sample, true);
  }

  private void count(Link link, String service, EdgeSample sample, String caller) {
    boolean follows =
        group(link)
            .map(group -> expectations.decides(group, caller, sample.key().route()))
            .orElse(true);
    links.computeIfAbsent(link, unseen -> new Tally(service)).add(sample, follows);
  }

  private void receive(String caller, String called, EdgeSample sample) {
    tally(called).add(sample, true);
    if (caller.startsWith("gateway:")) {
      tally(caller).add(sample, true);
    }
  }

  private Tally tally(String node) {
    return nodes.computeIfAbsent(node, unseen -> new Tally(""));
  }

  private Optional<Group> group(Link link) {
    if (link.source().startsWith("service:")) {
      return Optional.of(Expectations.versionsOf(link.source(), link.layer()));
    }
    Expected expected = expectations.links().get(link);
    return expected == null ? Optional.empty() : expected.group();
  }

  private String source(WorkloadRef source, Optional<Entry> called, Layer layer) {
    if (source.name().isEmpty()) {
      newcomer(NodeIds.UNKNOWN, NodeKind.UNKNOWN, "", "unknown", source);
      return NodeIds.UNKNOWN;
    }
    String node = NodeIds.workload(source.namespace(), source.name());
    if (workloads.find(node).isPresent() && !gateways.carriers().contains(node)) {
      return node;
    }
    Set<String> doors = gateways.find(source);
    return doors.isEmpty() ? workload(source) : door(doors, called, layer);
  }

  /** Of the Gateways on one proxy, the first whose routes lead to the service. */
  private String door(Set<String> doors, Optional<Entry> called, Layer layer) {
    return doors.stream()
        .filter(door ->
            called
                .map(service -> new Link(door, service.node(), layer))
                .filter(link -> expectations.links().containsKey(link))
                .isPresent())
        .findFirst()
        .orElse(doors.iterator().next());
  }

  private String workload(WorkloadRef ref) {
    String node = NodeIds.workload(ref.namespace(), ref.name());
    newcomer(node, NodeKind.WORKLOAD, ref.namespace(), ref.name(), ref);
    return node;
  }

  private String stranger(String host) {
    if (host.isEmpty()) {
      newcomer(NodeIds.UNKNOWN, NodeKind.UNKNOWN, "", "unknown", WorkloadRef.UNKNOWN);
      return NodeIds.UNKNOWN;
    }
    String node = NodeIds.external(host);
    newcomer(node, NodeKind.EXTERNAL, "", host, WorkloadRef.UNKNOWN);
    return node;
  }

  private void newcomer(
      String node, NodeKind kind, String namespace, String name, WorkloadRef ref) {
    newcomers.computeIfAbsent(
        node,
        unseen ->
            new GraphView.Node(
                node,
                kind,
                namespace,
                name,
                ref.app().isEmpty() ? name : ref.app(),
                ref.version(),
                0,
                0,
                Signals.NONE));
  }

  /** Nodes that only telemetry knows (and some that configuration knows too). */
  Map<String, GraphView.Node> newcomers() {
    return newcomers;
  }

  Map<String, Signals> received(double seconds) {
    Map<String, Signals> received = new HashMap<>();
    nodes.forEach((node, tally) -> received.put(node, tally.drain(seconds)));
    return received;
  }

  List<GraphView.Edge> edges(double seconds) {
    Map<Group, Long> totals = new HashMap<>();
    links.forEach((link, tally) ->
        group(link).ifPresent(group -> totals.merge(group, tally.decided(), Long::sum)));
    Set<Link> all = new TreeSet<>(expectations.links().keySet());
    all.addAll(links.keySet());
    List<GraphView.Edge> edges = new ArrayList<>();
    for (Link link : all) {
      edges.add(edge(link, totals, seconds));
    }
    return edges;
  }

  private GraphView.Edge edge(Link link, Map<Group, Long> totals, double seconds) {
    Expected expected = expectations.links().get(link);
    Tally tally = links.get(link);
    long total = group(link).map(group -> totals.getOrDefault(group, 0L)).orElse(0L);
    double share = total == 0 ? -1 : tally == null ? 0 : 100.0 * tally.decided() / total;
    String protocol = "";
    String service = "";
    Signals signals = Signals.NONE;
    if (expected != null) {
      protocol = expected.protocol();
      service = expected.service();
    }
    if (tally != null) {
      protocol = tally.protocol();
      service = tally.service();
      signals = tally.drain(seconds);
    }
    return new GraphView.Edge(
        link.source(),
        link.destination(),
        service,
        protocol,
        expected != null || allowed(link),
        tally != null,
        expected == null ? Expectations.NONE : expected.weightPercent(),
        share,
        signals.requests(),
        signals.errors(),
        signals.requestsPerSecond(),
        signals.p50Ms(),
        signals.p90Ms(),
        signals.p99Ms(),
        signals.mtls());
  }

  /**
   * Nothing forbids a workload of the mesh to call a service of the mesh, or a gateway to let in
   * what comes for a NodePort or a LoadBalancer.
   */
  private boolean allowed(Link link) {
    return link.source().startsWith("gateway:")
        ? services.exposed(link.destination())
        : link.source().startsWith("workload:") && link.destination().startsWith("service:");
  }
}
