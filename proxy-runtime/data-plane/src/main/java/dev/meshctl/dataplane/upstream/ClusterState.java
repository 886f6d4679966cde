package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.balance.Balancer;
import dev.meshctl.dataplane.http.LoopResources;
import dev.meshctl.dataplane.observe.LoopCounters;
import dev.meshctl.dataplane.resilience.CircuitBreaker;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.SocketEndpoint;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * What one loop keeps for a cluster over all configurations: hosts with their pools, breaker.
 *
 * <p>Thread: confined to its loop.
 */
public final class ClusterState implements Balancer.Owner<HostPools> {
  private final LoopResources resources;
  private final Connector connector;
  private final Departures departures;
  private final int loops;
  private final Balancer<HostPools> balancer;
  private final CircuitBreaker breaker;
  private final CircuitBreaker high;
  private final HealthChecker checker;
  private final Map<InetSocketAddress, HostPools> originals = new HashMap<>();
  private final LoopCounters counters = new LoopCounters();
  private Cluster cluster;

  public ClusterState(
      LoopResources resources,
      Connector connector,
      Departures departures,
      int loops,
      RandomGenerator dice,
      HealthBoard board,
      int seat,
      Set<SocketEndpoint> failing,
      Cluster cluster) {
    this.resources = resources;
    this.connector = connector;
    this.departures = departures;
    this.loops = loops;
    this.cluster = cluster;
    this.balancer =
        new Balancer<>(
            cluster.config(), this, dice, resources.loop()::inEventLoop, System.nanoTime());
    this.breaker = new CircuitBreaker(cluster.config().circuitBreakers(), loops);
    this.high = new CircuitBreaker(cluster.config().circuitBreakers().ofHigh(), loops);
    this.checker =
        new HealthChecker(resources, connector, dice, balancer, board, seat, failing, cluster);
    balancer.zone(cluster.zone());
    balancer.update(assignment(cluster));
    checker.sync(cluster);
  }

  /** Another loop has asked the hosts for their health. */
  public void heard(Set<SocketEndpoint> failing) {
    checker.heard(failing);
  }

  /** Active checks that found their host well, and that did not. */
  public long checksPassed() {
    return checker.passed();
  }

  public long checksFailed() {
    return checker.failed();
  }

  private static LoadAssignment assignment(Cluster cluster) {
    return cluster.endpoints().orElseGet(() -> new LoadAssignment(cluster.name(), List.of()));
  }

  /** Takes over settings and endpoints of a newer configuration. */
  public void sync(Cluster newer) {
    if (newer == cluster || newer.generation() <= cluster.generation()) {
      return;
    }
    if (!newer.config().equals(cluster.config())) {
      balancer.update(newer.config());
      breaker.update(newer.config().circuitBreakers(), loops);
      high.update(newer.config().circuitBreakers().ofHigh(), loops);
    }
    if (!newer.endpoints().equals(cluster.endpoints())) {
      balancer.update(assignment(newer));
    }
    if (!newer.zone().equals(cluster.zone())) {
      balancer.zone(newer.zone());
    }
    cluster = newer;
    checker.sync(newer);
  }

  public Cluster cluster() {
    return cluster;
  }

  /** Of all its endpoints. Read by any thread. */
  public LoopCounters counters() {
    return counters;
  }

  public Balancer<HostPools> balancer() {
    return balancer;
  }

  public CircuitBreaker breaker() {
    return breaker;
  }

  /** The breaker of requests of high priority, or of the others. */
  public CircuitBreaker breaker(boolean highPriority) {
    return highPriority ? high : breaker;
  }

  /** Pools of a destination that no assignment names. */
  public HostPools original(InetSocketAddress destination) {
    return originals.computeIfAbsent(destination, this::at);
  }

  @Override
  public HostPools open(Endpoint endpoint) {
    if (endpoint.address().isPipe()) {
      return at(connector.pipe(endpoint.address().address()));
    }
    InetAddress literal =
        NetUtil.createInetAddressFromIpAddressString(endpoint.address().address());
    if (literal == null) {
      throw new IllegalArgumentException(
          "endpoint " + endpoint.address() + ": no IP address (checked when it was compiled)");
    }
    return at(new InetSocketAddress(literal, endpoint.address().port()));
  }

  private HostPools at(SocketAddress address) {
    return new HostPools(resources, connector, departures, breaker, high, address, counters);
  }

  @Override
  public void changed(HostPools pools, Endpoint endpoint) {}

  @Override
  public void close(HostPools pools) {
    pools.retire();
  }

  /** Closes connections that were idle for too long; brings ejected hosts back. */
  public void sweep(long nowNanos) {
    balancer.check(nowNanos);
    long idleNanos = cluster.config().upstream().idleTimeout().toNanos();
    long before = idleNanos > 0 ? nowNanos - idleNanos : nowNanos - Long.MAX_VALUE / 2;
    balancer.hosts().forEach(host -> host.attachment().closeIdle(before));
    for (Iterator<HostPools> each = originals.values().iterator(); each.hasNext(); ) {
      HostPools pools = each.next();
      pools.closeIdle(before);
      if (pools.connections() == 0) {
        each.remove();
      }
    }
  }

  /** The cluster is gone from the configuration, or the proxy ends. */
  public void close() {
    checker.close();
    balancer.close();
    originals.values().forEach(HostPools::retire);
    originals.clear();
  }
}
