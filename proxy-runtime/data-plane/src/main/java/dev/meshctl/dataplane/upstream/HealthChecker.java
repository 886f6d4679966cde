package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.balance.Balancer;
import dev.meshctl.dataplane.balance.Host;
import dev.meshctl.dataplane.http.LoopResources;
import dev.meshctl.dataplane.observe.LoopCounters;
import dev.meshctl.dataplane.resilience.CircuitBreaker;
import dev.meshctl.dataplane.resilience.HealthVerdict;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.HealthCheck;
import io.netty.util.concurrent.Future;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks the hosts of one cluster, each in its own rhythm, whether they are well, and tells the
 * balancer. Each loop asks for itself.
 *
 * <p>Thread: confined to its loop.
 */
final class HealthChecker {
  private final LoopResources resources;
  private final Connector connector;
  private final RandomGenerator dice;
  private final Balancer<HostPools> balancer;
  private final Map<Host<HostPools>, Probe> probes = new HashMap<>();
  private Cluster cluster;
  private long passed;
  private long failed;

  HealthChecker(
      LoopResources resources,
      Connector connector,
      RandomGenerator dice,
      Balancer<HostPools> balancer,
      Cluster cluster) {
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
