package dev.meshctl.controlplane;

import dev.meshctl.controlplane.collect.EdgeWindows;
import dev.meshctl.controlplane.intake.MeshConfiguration;
import dev.meshctl.controlplane.patch.Patches;
import dev.meshctl.controlplane.patch.PodPlaces;
import dev.meshctl.controlplane.serve.ProxySessions;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.patch.Gate.Measured;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.telemetry.LatencyHistogram;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.ProxyNode;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What patches see of the mesh: who is connected, who refuses, what was measured.
 *
 * <p>Thread: any. Sessions are told once, before there is anything to see: they need the orders,
 * and patches need them.
 */
final class PatchWorld implements Patches.World {
  private static final double P99 = 0.99;

  private final EdgeWindows windows;
  private volatile @Nullable ProxySessions sessions;
  private volatile PodPlaces pods = PodPlaces.UNKNOWN;

  PatchWorld(EdgeWindows windows) {
    this.windows = windows;
  }

  void sessions(ProxySessions running) {
    sessions = running;
  }

  /** What is in force now. */
  void configuration(MeshConfiguration fresh) {
    pods = PodPlaces.of(fresh.mesh());
  }

  /** As the configuration in force has them. */
  PodPlaces pods() {
    return pods;
  }

  private Optional<ProxySessions> sessions() {
    return Optional.ofNullable(sessions);
  }

  /** Whether {@code proxyId} is the id of a connected proxy that proved to be {@code identity}. */
  boolean owns(String proxyId, SpiffeId identity) {
    return sessions().flatMap(all -> all.identity(proxyId)).filter(identity::equals).isPresent();
  }

  /** A connected proxy. */
  @Nullable ProxyNode node(String proxyId) {
    return connected(proxyId) ? sessions().flatMap(all -> all.node(proxyId)).orElse(null) : null;
  }

  @Override
  public boolean connected(String proxyId) {
    return sessions().flatMap(all -> all.identity(proxyId)).isPresent();
  }

  @Override
  public List<String> refusing(Collection<String> among) {
    return sessions().map(all -> among.stream().filter(all::refuses).toList()).orElse(List.of());
  }

  @Override
  public Measured measured(Collection<String> proxies, Duration window) {
    Set<String> workloads = new HashSet<>();
    for (String proxy : proxies) {
      sessions()
          .flatMap(all -> all.node(proxy))
          .map(PatchWorld::workload)
          .ifPresent(workloads::add);
    }
    long requests = 0;
    long errors = 0;
    LatencyHistogram.Counts latency = LatencyHistogram.Counts.EMPTY;
    for (EdgeSample edge : windows.last(window)) {
      if (workloads.contains(workload(edge.key().source()))
          || workloads.contains(workload(edge.key().destination()))) {
        requests += edge.requests();
        errors += edge.errors();
        latency = latency.plus(edge.latency());
      }
    }
    return new Measured(requests, errors, latency.total() == 0 ? 0 : latency.quantileMicros(P99));
  }

  private static String workload(ProxyNode node) {
    return node.namespace() + "/" + node.workload();
  }

  private static String workload(WorkloadRef ref) {
    return ref.namespace() + "/" + ref.name();
  }

  @Override
  public void ordersChanged() {
    sessions().ifPresent(ProxySessions::changed);
  }
}
