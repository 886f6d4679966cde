package dev.meshctl.dataplane;

import dev.meshctl.dataplane.admin.AdminSource.ClusterStatus;
import dev.meshctl.dataplane.admin.AdminSource.HostStatus;
import dev.meshctl.dataplane.admin.AdminSource.StatSink;
import dev.meshctl.dataplane.admin.StatName;
import dev.meshctl.dataplane.listener.CompiledChain;
import dev.meshctl.dataplane.listener.CompiledListener;
import dev.meshctl.dataplane.observe.LoopCounters;
import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import dev.meshctl.dataplane.observe.LoopCounters.Scope;
import dev.meshctl.dataplane.observe.TimeBuckets;
import dev.meshctl.dataplane.resilience.CircuitBreaker;
import dev.meshctl.dataplane.resilience.OverloadState;
import dev.meshctl.dataplane.route.HttpFilters;
import dev.meshctl.dataplane.route.Worker;
import dev.meshctl.dataplane.upstream.ClusterState;
import dev.meshctl.model.xds.ConnectionLimit;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.NetworkFilter;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All that is counted, all loops together, told once under Envoy's names.
 *
 * <p>Thread: any but an event loop; one call.
 */
final class Statistics {
  private static final String LISTENER = "listener.";
  private static final String HTTP = "http.";

  /** What Envoy does not tell before it has happened once. */
  private static final Set<Counter> LATE =
      EnumSet.of(
          Counter.UPSTREAM_RQ_1XX,
          Counter.UPSTREAM_RQ_2XX,
          Counter.UPSTREAM_RQ_3XX,
          Counter.UPSTREAM_RQ_4XX,
          Counter.UPSTREAM_RQ_5XX,
          Counter.TLS_HANDSHAKE,
          Counter.TLS_HANDSHAKE_FAILED);

  private final DataPlane plane;
  private final StatSink sink;

  Statistics(DataPlane plane, StatSink sink) {
    this.plane = plane;
    this.sink = sink;
  }

  void tell(List<ClusterStatus> clusters) {
    scoped();
    clusters.forEach(this::hosts);
    clusters(clusters);
    overload();
    limits();
    shedding();
    plane.crew().memory().forEach(sink::gauge);
    sink.counter("access_log.dropped", plane.droppedLogLines());
  }

  /** The counters of one scope, all loops together. */
  private static final class Sum {
    private final long[] values = new long[Counter.values().length];
    private final TimeBuckets.Sum times = new TimeBuckets.Sum();

    private synchronized void add(LoopCounters of) {
      for (Counter counter : Counter.values()) {
        values[counter.ordinal()] += of.value(counter);
      }
      times.add(of.times());
    }

    private synchronized long value(Counter counter) {
      return values[counter.ordinal()];
    }

    /** Of all counters from {@code first} to {@code last}. */
    private long of(Counter first, Counter last) {
      return EnumSet.range(first, last).stream().mapToLong(this::value).sum();
    }
  }

  /** Of the proxy, of listeners and of HTTP connection managers, also of those still unused. */
  private void scoped() {
    Sum proxy = new Sum();
    Map<String, Sum> scopes = new HashMap<>();
    for (CompiledListener listener : plane.live().bound()) {
      scopes.put(listener.statPrefix(), new Sum());
      for (CompiledChain chain : listener.chains().all()) {
        if (chain.config().filter() instanceof NetworkFilter.HttpConnection http) {
          scopes.put(HTTP + http.statPrefix() + ".", new Sum());
        }
      }
    }
    for (Worker worker : plane.crew().workers()) {
      proxy.add(worker.counters());
      worker
          .scopes()
          .forEach((prefix, of) -> scopes.computeIfAbsent(prefix, p -> new Sum()).add(of));
    }
    tell(StatName.Scope.NONE, "", Scope.PROXY, proxy);
    scopes.forEach((prefix, sum) -> {
      String name = prefix.substring(prefix.indexOf('.') + 1, prefix.length() - 1);
      if (prefix.startsWith(LISTENER)) {
        tell(StatName.Scope.LISTENER, name, Scope.LISTENER, sum);
      } else {
        tell(StatName.Scope.HTTP, name, Scope.HTTP, sum);
        sink.counter(
            new StatName(StatName.Scope.HTTP, name, "downstream_rq_completed"),
            sum.of(Counter.DOWNSTREAM_RQ_1XX, Counter.DOWNSTREAM_RQ_5XX));
        sink.times(new StatName(StatName.Scope.HTTP, name, "downstream_rq_time"), sum.times);
      }
    });
  }

  private void tell(StatName.Scope kind, String name, Scope scope, Sum sum) {
    for (Counter counter : Counter.values()) {
      if (counter.scope() == scope && (sum.value(counter) != 0 || !LATE.contains(counter))) {
        StatName stat = new StatName(kind, name, counter.text());
        if (counter.isGauge()) {
          sink.gauge(stat, sum.value(counter));
        } else {
          sink.counter(stat, sum.value(counter));
        }
      }
    }
  }

  private static StatName cluster(String name, String rest) {
    return new StatName(StatName.Scope.CLUSTER, name, rest);
  }

  private void hosts(ClusterStatus cluster) {
    String name = cluster.name();
    List<HostStatus> hosts = cluster.hosts();
    sink.gauge(cluster(name, "membership_total"), hosts.size());
    sink.gauge(
        cluster(name, "membership_healthy"),
        hosts.stream()
            .filter(host ->
                host.endpoint().health() == Health.HEALTHY
                    && !host.ejected()
                    && !host.failsChecks())
            .count());
    sink.gauge(
        cluster(name, "upstream_rq_active"),
        hosts.stream().mapToLong(HostStatus::requestsActive).sum());
    sink.counter(
        cluster(name, "upstream_rq_total"),
        hosts.stream().mapToLong(HostStatus::requestsTotal).sum());
    sink.gauge(
        cluster(name, "upstream_cx_active"),
        hosts.stream().mapToLong(HostStatus::connectionsActive).sum());
  }

  /** Pressure and actions in percent, as Envoy's overload manager tells them. */
  private void overload() {
    OverloadState state = plane.overload();
    sink.gauge("overload.envoy.resource_monitors.fixed_heap.pressure", percent(state.memory()));
    String action = "overload.envoy.overload_actions.";
    sink.gauge(action + "stop_accepting_requests.scale_percent", percent(state.shedRequests()));
    sink.gauge(action + "disable_http_keepalive.scale_percent", percent(state.endConnections()));
    sink.gauge(
        action + "reject_incoming_connections.scale_percent", percent(state.refuseConnections()));
    sink.gauge(action + "stop_accepting_connections.active", state.acceptNone() ? 1 : 0);
  }

  /** Of the filters that count connections. */
  private void limits() {
    for (CompiledListener listener : plane.live().bound()) {
      for (CompiledChain chain : listener.chains().all()) {
        String prefix =
            "connection_limit."
                + chain.config().limit().map(ConnectionLimit::statPrefix).orElse("")
                + ".";
        chain
            .gate()
            .ifPresent(gate -> {
              sink.gauge(prefix + "active_connections", gate.inside());
              sink.counter(prefix + "limited_connections", gate.refused());
            });
      }
    }
  }

  /** What the filters that shed load have seen, all loops together. */
  private void shedding() {
    for (CompiledListener listener : plane.live().bound()) {
      for (CompiledChain chain : listener.chains().all()) {
        if (chain.config().filter() instanceof NetworkFilter.HttpConnection http) {
          chain.http().steps().forEach(step -> shedding(http.statPrefix(), step));
        }
      }
    }
  }

  private void shedding(String name, HttpFilters.Step step) {
    SheddingSum sum = new SheddingSum();
    switch (step) {
      case HttpFilters.Step.Access access -> {}
      case HttpFilters.Step.Cors cors -> {}
      case HttpFilters.Step.GrpcWeb web -> {}
      case HttpFilters.Step.Concurrency adaptive -> {
        plane.crew().each(hand -> sum.add(adaptive.controllers().find(hand.worker())));
        sum.adaptive(name, "adaptive_concurrency.gradient_controller.", sink);
      }
      case HttpFilters.Step.Admission admission -> {
        plane.crew().each(hand -> sum.add(admission.controllers().find(hand.worker())));
        sum.admission(name, "admission_control.", sink);
      }
    }
  }

  private static long percent(double share) {
    return Math.round(share * 100);
  }

  /** Of one cluster, all loops together: a breaker is open where any loop's is. */
  private static final class ClusterSum {
    private final Sum counted = new Sum();
    private boolean connections;
    private boolean pending;
    private boolean requests;
    private boolean retries;
    private boolean highConnections;
    private boolean highPending;
    private boolean highRequests;
    private boolean highRetries;
    private long connectionOverflows;
    private long requestOverflows;
    private long retryOverflows;
    private long waiting;
    private long ejected;
    private long ejections;
    private long checksPassed;
    private long checksFailed;

    private synchronized void add(ClusterState state) {
      counted.add(state.counters());
      CircuitBreaker of = state.breaker();
      connections |= of.connectionsOpen();
      pending |= of.pendingOpen();
      requests |= of.open();
      retries |= of.retriesOpen();
      CircuitBreaker high = state.breaker(true);
      highConnections |= high.connectionsOpen();
      highPending |= high.pendingOpen();
      highRequests |= high.open();
      highRetries |= high.retriesOpen();
      connectionOverflows += of.connectionOverflows() + high.connectionOverflows();
      requestOverflows += of.requestOverflows() + high.requestOverflows();
      retryOverflows += of.retryOverflows() + high.retryOverflows();
      waiting += of.pending() + high.pending();
      ejected = Math.max(ejected, state.balancer().detector().ejected());
      ejections += state.balancer().detector().ejections();
      checksPassed += state.checksPassed();
      checksFailed += state.checksFailed();
    }
  }

  private void clusters(List<ClusterStatus> clusters) {
    Map<String, ClusterSum> all = new ConcurrentHashMap<>();
    clusters.forEach(cluster -> all.put(cluster.name(), new ClusterSum()));
    plane
        .crew()
        .each(hand ->
            hand.worker()
                .states()
                .forEach(state ->
                    all.computeIfAbsent(state.cluster().name(), name -> new ClusterSum())
                        .add(state)));
    all.forEach((name, of) -> {
      tell(StatName.Scope.CLUSTER, name, Scope.CLUSTER, of.counted);
      sink.counter(
          cluster(name, "upstream_rq_completed"),
          of.counted.of(Counter.UPSTREAM_RQ_1XX, Counter.UPSTREAM_RQ_5XX));
      sink.times(cluster(name, "upstream_rq_time"), of.counted.times);
      String breaker = "circuit_breakers.default.";
      String high = "circuit_breakers.high.";
      synchronized (of) {
        sink.gauge(cluster(name, high + "cx_open"), of.highConnections ? 1 : 0);
        sink.gauge(cluster(name, high + "rq_pending_open"), of.highPending ? 1 : 0);
        sink.gauge(cluster(name, high + "rq_open"), of.highRequests ? 1 : 0);
        sink.gauge(cluster(name, high + "rq_retry_open"), of.highRetries ? 1 : 0);
        sink.gauge(cluster(name, breaker + "cx_open"), of.connections ? 1 : 0);
        sink.gauge(cluster(name, breaker + "rq_pending_open"), of.pending ? 1 : 0);
        sink.gauge(cluster(name, breaker + "rq_open"), of.requests ? 1 : 0);
        sink.gauge(cluster(name, breaker + "rq_retry_open"), of.retries ? 1 : 0);
        sink.counter(cluster(name, "upstream_cx_overflow"), of.connectionOverflows);
        sink.counter(cluster(name, "upstream_rq_pending_overflow"), of.requestOverflows);
        sink.counter(cluster(name, "upstream_rq_retry_overflow"), of.retryOverflows);
        sink.gauge(cluster(name, "upstream_rq_pending_active"), of.waiting);
        sink.gauge(cluster(name, "outlier_detection.ejections_active"), of.ejected);
        sink.counter(cluster(name, "outlier_detection.ejections_enforced_total"), of.ejections);
        sink.counter(cluster(name, "health_check.success"), of.checksPassed);
        sink.counter(cluster(name, "health_check.failure"), of.checksFailed);
      }
    });
  }
}
