package dev.meshctl.dataplane;

import dev.meshctl.dataplane.admin.AdminSource;
import dev.meshctl.dataplane.balance.Host;
import dev.meshctl.dataplane.listener.CompiledChain;
import dev.meshctl.dataplane.listener.CompiledListener;
import dev.meshctl.dataplane.live.LiveConfig;
import dev.meshctl.dataplane.observe.Exposition;
import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import dev.meshctl.dataplane.resilience.CircuitBreaker;
import dev.meshctl.dataplane.resilience.OverloadState;
import dev.meshctl.dataplane.route.HttpFilters;
import dev.meshctl.dataplane.route.Worker;
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.dataplane.upstream.ClusterState;
import dev.meshctl.dataplane.upstream.HostPools;
import dev.meshctl.model.xds.ConnectionLimit;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.NetworkFilter;
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
import java.util.concurrent.ConcurrentHashMap;

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
    private long active;
    private long requests;
    private long failures;

    private synchronized void add(Host<HostPools> host) {
      ejected |= host.isEjected();
      failsChecks |= host.failsChecks();
      connections += host.attachment().connections();
      active += host.active();
      requests += host.requests();
      failures += host.failures();
    }
  }

  private record HostKey(String cluster, SocketEndpoint address) {}

  @Override
  public List<ClusterStatus> clusters() {
    Map<HostKey, Sum> sums = new HashMap<>();
    plane.onEachWorker(worker -> addHosts(worker, sums));
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
      all.add(new ClusterStatus(cluster.name(), cluster.config().circuitBreakers(), hosts));
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
        0,
        0,
        sum.active,
        sum.requests,
        sum.failures);
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
    for (Counter counter : Counter.values()) {
      long sum = plane.workers().stream().mapToLong(w -> w.counters().value(counter)).sum();
      if (counter.isGauge()) {
        sink.gauge(counter.text(), sum);
      } else {
        sink.counter(counter.text(), sum);
      }
    }
    for (ClusterStatus cluster : clusters()) {
      String prefix = "cluster." + cluster.name() + ".";
      sink.gauge(prefix + "membership_total", cluster.hosts().size());
      sink.gauge(
          prefix + "membership_healthy",
          cluster.hosts().stream()
              .filter(host ->
                  host.endpoint().health() == Health.HEALTHY
                      && !host.ejected()
                      && !host.failsChecks())
              .count());
      sink.gauge(
          prefix + "upstream_rq_active",
          cluster.hosts().stream().mapToLong(HostStatus::requestsActive).sum());
      sink.counter(
          prefix + "upstream_rq_total",
          cluster.hosts().stream().mapToLong(HostStatus::requestsTotal).sum());
    }
    breakers(sink);
    overload(sink);
    shedding(sink);
    plane.memory().forEach(sink::gauge);
    sink.counter("access_log.dropped", plane.droppedLogLines());
  }

  /** Pressure and actions in percent, as Envoy's overload manager tells them. */
  private void overload(StatSink sink) {
    OverloadState state = plane.overload();
    sink.gauge("overload.envoy.resource_monitors.fixed_heap.pressure", percent(state.memory()));
    String action = "overload.envoy.overload_actions.";
    sink.gauge(action + "stop_accepting_requests.scale_percent", percent(state.shedRequests()));
    sink.gauge(action + "disable_http_keepalive.scale_percent", percent(state.endConnections()));
    sink.gauge(
        action + "reject_incoming_connections.scale_percent", percent(state.refuseConnections()));
    sink.gauge(action + "stop_accepting_connections.active", state.acceptNone() ? 1 : 0);
    for (CompiledListener listener : plane.live().bound()) {
      listener
          .chains()
          .all()
          .forEach(chain ->
              chain
                  .gate()
                  .ifPresent(gate -> {
                    String prefix =
                        "connection_limit."
                            + chain.config().limit().map(ConnectionLimit::statPrefix).orElse("")
                            + ".";
                    sink.gauge(prefix + "active_connections", gate.inside());
                    sink.counter(prefix + "limited_connections", gate.refused());
                  }));
    }
  }

  /** What the filters that shed load have seen, all loops together. */
  private void shedding(StatSink sink) {
    for (CompiledListener listener : plane.live().bound()) {
      for (CompiledChain chain : listener.chains().all()) {
        if (chain.config().filter() instanceof NetworkFilter.HttpConnection http) {
          chain.http().steps().forEach(step -> shedding("http." + http.statPrefix(), step, sink));
        }
      }
    }
  }

  private void shedding(String prefix, HttpFilters.Step step, StatSink sink) {
    SheddingSum sum = new SheddingSum();
    switch (step) {
      case HttpFilters.Step.Access access -> {}
      case HttpFilters.Step.Cors cors -> {}
      case HttpFilters.Step.GrpcWeb web -> {}
      case HttpFilters.Step.Concurrency adaptive -> {
        plane.onEachWorker(worker -> sum.add(adaptive.controllers().find(worker)));
        sum.adaptive(prefix + ".adaptive_concurrency.gradient_controller.", sink);
      }
      case HttpFilters.Step.Admission admission -> {
        plane.onEachWorker(worker -> sum.add(admission.controllers().find(worker)));
        sum.admission(prefix + ".admission_control.", sink);
      }
    }
  }

  private static long percent(double share) {
    return Math.round(share * 100);
  }

  /** State of one cluster's breakers, all loops together: open where any loop's is. */
  private static final class Breakers {
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

  private void breakers(StatSink sink) {
    Map<String, Breakers> all = new ConcurrentHashMap<>();
    plane.onEachWorker(worker ->
        worker
            .states()
            .forEach(state ->
                all.computeIfAbsent(state.cluster().name(), name -> new Breakers()).add(state)));
    all.forEach((name, of) -> {
      String prefix = "cluster." + name + ".";
      String breaker = prefix + "circuit_breakers.default.";
      synchronized (of) {
        String high = prefix + "circuit_breakers.high.";
        sink.gauge(high + "cx_open", of.highConnections ? 1 : 0);
        sink.gauge(high + "rq_pending_open", of.highPending ? 1 : 0);
        sink.gauge(high + "rq_open", of.highRequests ? 1 : 0);
        sink.gauge(high + "rq_retry_open", of.highRetries ? 1 : 0);
        sink.gauge(breaker + "cx_open", of.connections ? 1 : 0);
        sink.gauge(breaker + "rq_pending_open", of.pending ? 1 : 0);
        sink.gauge(breaker + "rq_open", of.requests ? 1 : 0);
        sink.gauge(breaker + "rq_retry_open", of.retries ? 1 : 0);
        sink.counter(prefix + "upstream_cx_overflow", of.connectionOverflows);
        sink.counter(prefix + "upstream_rq_pending_overflow", of.requestOverflows);
        sink.counter(prefix + "upstream_rq_retry_overflow", of.retryOverflows);
        sink.gauge(prefix + "upstream_rq_pending_active", of.waiting);
        sink.gauge(prefix + "outlier_detection.ejections_active", of.ejected);
        sink.counter(prefix + "outlier_detection.ejections_enforced_total", of.ejections);
        sink.counter(prefix + "health_check.success", of.checksPassed);
        sink.counter(prefix + "health_check.failure", of.checksFailed);
      }
    });
  }

  @Override
  public String metrics(Exposition exposition) {
    return plane.metrics(exposition);
  }

  @Override
  public void drainListeners(boolean graceful) {
    plane.drainListeners(graceful);
  }

  @Override
  public void quit() {
    plane.quit();
  }
}
