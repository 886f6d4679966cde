package dev.meshctl.dataplane;

import dev.meshctl.dataplane.admin.AdminSource;
import dev.meshctl.dataplane.balance.Host;
import dev.meshctl.dataplane.live.LiveConfig;
import dev.meshctl.dataplane.observe.Exposition;
import dev.meshctl.dataplane.route.Worker;
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.dataplane.upstream.ClusterState;
import dev.meshctl.dataplane.upstream.HostPools;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the admin server sees of the proxy; state of loops is asked on the loops.
 *
 * <p>Thread: any but an event loop.
 */
final class Inspection implements AdminSource {
  private final DataPlane plane;
  private final long startNanos = System.nanoTime();

  Inspection(DataPlane plane) {
    this.plane = plane;
  }

  @Override
  public State state() {
    if (plane.draining()) {
      return State.DRAINING;
    }
    return plane.ready() ? State.LIVE : State.INITIALIZING;
  }

  @Override
  public ProxyNode node() {
    return plane.node();
  }

  @Override
  public Duration uptime() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  @Override
  public XdsSnapshot config() {
    return plane.inForce();
  }

  @Override
  public Provenance provenance(ResourceType type, String name) {
    return new Provenance(plane.origins().version(type, name), plane.journal().updated(type, name));
  }

  @Override
  public List<Refused> refused() {
    return plane.journal().refusals().stream()
        .map(each ->
            new Refused(each.type(), each.name(), each.version(), each.reason(), each.when()))
        .toList();
  }

  @Override
  public Instant started() {
    return plane.started();
  }

  @Override
  public Optional<SocketEndpoint> adminAddress() {
    return plane.adminSetting();
  }

  @Override
  public List<ListenerStatus> listeners() {
    List<ListenerStatus> all = new ArrayList<>();
    plane.listenPlaces().forEach((name, at) -> all.add(new ListenerStatus(name, at)));
    return all;
  }

  /** Counts of one host, all loops together. */
  private static final class Sum {
    private boolean ejected;
    private boolean failsChecks;
    private long connections;
    private long connectionsEver;
    private long connectFailures;
    private long waiting;
    private long timeouts;
    private long active;
    private long requests;
    private long failures;

    private synchronized void add(Host<HostPools> host) {
      ejected |= host.isEjected();
      failsChecks |= host.failsChecks();
      connections += host.attachment().connections();
      connectionsEver += host.attachment().counts().connections();
      connectFailures += host.attachment().counts().connectFailures();
      waiting += host.attachment().waiting();
      timeouts += host.attachment().counts().timeouts();
      active += host.active();
      requests += host.requests();
      failures += host.failures();
    }
  }

  private record HostKey(String cluster, SocketEndpoint address) {}

  @Override
  public List<ClusterStatus> clusters() {
    Map<HostKey, Sum> sums = new HashMap<>();
    plane.crew().each(hand -> addHosts(hand.worker(), sums));
    LiveConfig live = plane.live();
    List<ClusterStatus> all = new ArrayList<>();
    for (Cluster cluster : live.clusters().values()) {
      List<HostStatus> hosts = new ArrayList<>();
      for (LocalityEndpoints locality :
          cluster.endpoints().map(LoadAssignment::localities).orElse(List.of())) {
        for (Endpoint endpoint : locality.endpoints()) {
          Sum sum = sums.get(new HostKey(cluster.name(), endpoint.address()));
          hosts.add(status(endpoint, locality, sum == null ? new Sum() : sum));
        }
      }
      all.add(
          new ClusterStatus(
              cluster.name(),
              plane.origins().version(ResourceType.CLUSTER, cluster.name()).isPresent(),
              cluster.config().circuitBreakers(),
              hosts));
    }
    return all;
  }

  private static void addHosts(Worker worker, Map<HostKey, Sum> sums) {
    for (ClusterState state : worker.states()) {
      for (Host<HostPools> host : state.balancer().hosts()) {
        HostKey key = new HostKey(state.cluster().name(), host.endpoint().address());
        Sum sum;
        synchronized (sums) {
          sum = sums.computeIfAbsent(key, k -> new Sum());
        }
        sum.add(host);
      }
    }
  }

  private static HostStatus status(Endpoint endpoint, LocalityEndpoints locality, Sum sum) {
    return new HostStatus(
        endpoint,
        locality.locality(),
        locality.priority(),
        sum.ejected,
        sum.failsChecks,
        sum.connections,
        sum.connectionsEver,
        sum.connectFailures,
        sum.active,
        sum.requests,
        sum.failures,
        sum.waiting,
        sum.timeouts);
  }

  @Override
  public List<CertificateStatus> certificates() {
    return plane
        .identity()
        .map(own ->
            List.of(
                new CertificateStatus(false, "default", own.chain()),
                new CertificateStatus(true, "ROOTCA", own.trustBundle())))
        .orElse(List.of());
  }

  @Override
  public void stats(StatSink sink) {
    new Statistics(plane, sink).tell(clusters());
  }

  @Override
  public String metrics(Exposition exposition) {
    return plane.metrics(exposition);
  }

  @Override
  public void drainListeners(boolean graceful, boolean inboundOnly) {
    plane.drainListeners(graceful, inboundOnly);
  }

  @Override
  public void reopenLogs() {
    plane.reopenLogs();
  }

  @Override
  public void quit() {
    plane.quit();
  }
}
