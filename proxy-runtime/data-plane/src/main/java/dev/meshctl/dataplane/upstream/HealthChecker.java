package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.balance.Balancer;
import dev.meshctl.dataplane.balance.Host;
import dev.meshctl.dataplane.http.LoopResources;
import dev.meshctl.dataplane.observe.LoopCounters;
import dev.meshctl.dataplane.resilience.CircuitBreaker;
import dev.meshctl.dataplane.resilience.HealthVerdict;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.HealthCheck;
import dev.meshctl.model.xds.SocketEndpoint;
import io.netty.util.concurrent.Future;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks the hosts of one cluster, each in its own rhythm, whether they are well, and tells the
 * balancer. One loop asks; the others hear from it by {@link HealthBoard}.
 *
 * <p>Thread: confined to its loop.
 */
final class HealthChecker {
  private final LoopResources resources;
  private final Connector connector;
  private final RandomGenerator dice;
  private final Balancer<HostPools> balancer;
  private final Map<Host<HostPools>, Probe> probes = new HashMap<>();
  private final HealthBoard board;
  private final int seat;
  private final boolean asks;
  private Cluster cluster;
  private Set<SocketEndpoint> failing;
  private long passed;
  private long failed;

  HealthChecker(
      LoopResources resources,
      Connector connector,
      RandomGenerator dice,
      Balancer<HostPools> balancer,
      HealthBoard board,
      int seat,
      Set<SocketEndpoint> failing,
      Cluster cluster) {
    this.board = board;
    this.seat = seat;
    this.asks = board.asks(seat, cluster.id());
    this.failing = failing;
    this.resources = resources;
    this.connector = connector;
    this.dice = dice;
    this.balancer = balancer;
    this.cluster = cluster;
  }

  /** Hosts or settings have changed: a new host is asked at once. */
  void sync(Cluster newer) {
    boolean sameCheck = newer.config().healthCheck().equals(cluster.config().healthCheck());
    cluster = newer;
    if (!asks) {
      apply();
      return;
    }
    Set<Host<HostPools>> now = new HashSet<>(balancer.hosts());
    for (Iterator<Map.Entry<Host<HostPools>, Probe>> each = probes.entrySet().iterator();
        each.hasNext(); ) {
      Map.Entry<Host<HostPools>, Probe> entry = each.next();
      if (!now.contains(entry.getKey()) || !sameCheck) {
        entry.getValue().close();
        each.remove();
        if (now.contains(entry.getKey()) && entry.getKey().failsChecks()) {
          balancer.checked(entry.getKey(), true);
        }
      }
    }
    newer
        .config()
        .healthCheck()
        .ifPresent(check ->
            now.forEach(host -> probes.computeIfAbsent(host, h -> new Probe(h, check)).begin()));
    tell();
  }

  /** The loop that asks has found out. */
  void heard(Set<SocketEndpoint> now) {
    if (!asks) {
      failing = now;
      apply();
    }
  }

  /** What was heard, to the hosts that there are. */
  private void apply() {
    boolean checked = cluster.config().healthCheck().isPresent();
    for (Host<HostPools> host : List.copyOf(balancer.hosts())) {
      boolean fails = checked && failing.contains(host.endpoint().address());
      if (fails != host.failsChecks()) {
        balancer.checked(host, !fails);
      }
    }
  }

  private void tell() {
    Set<SocketEndpoint> now = new HashSet<>();
    for (Host<HostPools> host : balancer.hosts()) {
      if (host.failsChecks()) {
        now.add(host.endpoint().address());
      }
    }
    if (!now.equals(failing)) {
      failing = Set.copyOf(now);
      board.tell(seat, cluster.id(), failing);
    }
  }

  void close() {
    probes.values().forEach(Probe::close);
    probes.clear();
  }

  /** Checks that found their host well, ever. */
  long passed() {
    return passed;
  }

  long failed() {
    return failed;
  }

  /** The rhythm of one host. */
  private final class Probe implements HealthTry.Result {
    private final Host<HostPools> host;
    private final HealthCheck check;

    /** Its own: checks do not wait behind requests, and no breaker refuses them. */
    private final HostPools pools;

    private final HealthVerdict verdict = new HealthVerdict();
    private @Nullable HealthTry current;
    private @Nullable Future<?> timer;
    private boolean begun;
    private boolean closed;

    Probe(Host<HostPools> host, HealthCheck check) {
      this.host = host;
      this.check = check;
      this.pools =
          new HostPools(
              resources,
              connector,
              new Departures(),
              new CircuitBreaker(CircuitBreakers.DEFAULT, 1),
              new CircuitBreaker(CircuitBreakers.DEFAULT, 1),
              host.attachment().address(),
              // Checks are counted apart from what clients ask.
              new LoopCounters());
    }

    void begin() {
      if (!begun) {
        begun = true;
        ask();
      }
    }

    private void ask() {
      timer = after(check.timeout().toNanos(), this::timedOut);
      HealthTry started = new HealthTry(resources, check.check(), cluster, this);
      current = started;
      started.start(connector, pools, host.endpoint().meshTls());
    }

    private void timedOut() {
      HealthTry last = current;
      if (last != null) {
        last.abandon();
      }
      answered(false);
    }

    @Override
    public void answered(boolean well) {
      if (closed) {
        return;
      }
      cancel();
      current = null;
      passed += well ? 1 : 0;
      failed += well ? 0 : 1;
      if (verdict.report(well, check.unhealthyThreshold(), check.healthyThreshold())) {
        balancer.checked(host, verdict.healthy());
        tell();
      }
      timer =
          after(
              check.interval().toNanos() + dice.nextLong(check.jitter().toNanos() + 1), this::ask);
    }

    private Future<?> after(long nanos, Runnable action) {
      return resources.loop().schedule(action, nanos, TimeUnit.NANOSECONDS);
    }

    private void cancel() {
      Future<?> running = timer;
      timer = null;
      if (running != null) {
        running.cancel(false);
      }
    }

    void close() {
      closed = true;
      cancel();
      HealthTry last = current;
      if (last != null) {
        last.abandon();
      }
      pools.retire();
    }
  }
}
