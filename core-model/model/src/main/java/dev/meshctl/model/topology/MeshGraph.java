package dev.meshctl.model.topology;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.NodeKind;
import dev.meshctl.model.query.GraphView.Signals;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The service graph: what configuration says (nodes, expected edges, desired shares), worked out
 * once per configuration and inventory, and joined with what was measured for each {@link #view}.
 *
 * <p>Thread: immutable; any.
 */
public final class MeshGraph {
  private final ServiceDirectory services;
  private final WorkloadIndex workloads;
  private final GatewayIndex gateways;
  private final Expectations expectations;
  private final Map<String, GraphView.Node> nodes;

  private MeshGraph(ValidatedMesh mesh, MeshInventory inventory) {
    services = ServiceDirectory.of(mesh);
    workloads = WorkloadIndex.of(mesh, inventory);
    gateways = GatewayIndex.of(mesh, workloads);
    expectations =
        Expectations.of(mesh, services, workloads, new Routings(mesh, services, gateways));
    nodes = Collections.unmodifiableMap(configuredNodes());
  }

  /** The configured side of the graph. */
  public static MeshGraph of(ValidatedMesh mesh, MeshInventory inventory) {
    return new MeshGraph(mesh, inventory);
  }

  /**
   * The graph with what was measured. Nodes and edges come in the order of their ids, so equal
   * input gives an equal view.
   *
   * @param atEpochMillis end of the window
   * @param window that {@code observed} covers, longer than zero; rates are means over it
   * @param observed samples of all proxies in the window; several of one key are added
   */
  public GraphView view(long atEpochMillis, Duration window, Collection<EdgeSample> observed) {
    if (!window.isPositive()) {
      throw new IllegalArgumentException("window: " + window + " (expected: longer than zero)");
    }
    Observations observations = new Observations(services, workloads, gateways, expectations);
    for (EdgeSample sample : observed) {
      observations.add(sample);
    }
    double seconds = window.toNanos() / 1e9;
    Map<String, GraphView.Node> all = new TreeMap<>(nodes);
    observations.newcomers().forEach(all::putIfAbsent);
    Map<String, Signals> received = observations.received(seconds);
    return new GraphView(
        atEpochMillis,
        window.toMillis(),
        all.values().stream()
            .map(node -> with(node, received.getOrDefault(node.id(), Signals.NONE)))
            .toList(),
        observations.edges(seconds));
  }

  private static GraphView.Node with(GraphView.Node node, Signals received) {
    return new GraphView.Node(
        node.id(),
        node.kind(),
        node.namespace(),
        node.name(),
        node.app(),
        node.version(),
        node.ready(),
        node.replicas(),
        received);
  }

  private Map<String, GraphView.Node> configuredNodes() {
    Map<String, GraphView.Node> found = new TreeMap<>();
    for (GatewayIndex.Node gateway : gateways.all()) {
      found.put(
          gateway.id(),
          new GraphView.Node(
              gateway.id(),
              NodeKind.GATEWAY,
              gateway.namespace(),
              gateway.name(),
              gateway.name(),
              "",
              gateway.ready(),
              gateway.replicas(),
              Signals.NONE));
    }
    for (WorkloadIndex.Entry workload : workloads.all()) {
      if (!gateways.carriers().contains(workload.node())) {
        found.put(
            workload.node(),
            new GraphView.Node(
                workload.node(),
                NodeKind.WORKLOAD,
                workload.namespace(),
                workload.name(),
                workload.app(),
                workload.version(),
                workload.ready(),
                workload.replicas(),
                Signals.NONE));
      }
    }
    services.all().forEach(service -> found.put(service.node(), node(service)));
    return found;
  }

  private GraphView.Node node(ServiceDirectory.Entry service) {
    int ready = 0;
    int replicas = 0;
    for (WorkloadIndex.Entry workload : workloads.behind(service)) {
      ready += workload.ready();
      replicas += workload.replicas();
    }
    return new GraphView.Node(
        service.node(),
        service.external() ? NodeKind.EXTERNAL : NodeKind.SERVICE,
        service.namespace(),
        service.name(),
        service.app(),
        "",
        ready,
        replicas,
        Signals.NONE);
  }
}
