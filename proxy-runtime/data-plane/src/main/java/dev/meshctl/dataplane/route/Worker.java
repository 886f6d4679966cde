package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.http.DownstreamConnection;
import dev.meshctl.dataplane.http.LoopResources;
import dev.meshctl.dataplane.observe.EdgeCache;
import dev.meshctl.dataplane.observe.EdgeMeter;
import dev.meshctl.dataplane.observe.LoopCounters;
import dev.meshctl.dataplane.observe.log.LoopLogs;
import dev.meshctl.dataplane.resilience.OverloadState;
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.dataplane.upstream.ClusterState;
import dev.meshctl.dataplane.upstream.Connector;
import dev.meshctl.dataplane.upstream.Departures;
import dev.meshctl.dataplane.upstream.HealthBoard;
import dev.meshctl.dataplane.upstream.ToldClient;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.SocketEndpoint;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * All that one event loop owns to handle exchanges.
 *
 * <p>Thread: confined to its loop.
 */
public final class Worker {
  private static final int MOST_SCOPES = 4096;
  private static final InstantSource CLOCK = InstantSource.system();

  private final LoopResources resources;
  private final Connector connector;
  private final Departures departures = new Departures();
  private final RandomGenerator dice;
  private final int loops;
  private final WorkloadRef self;
  private final LoopLogs logs;
  private final EdgeMeter meter;
  private long anchorNanos = System.nanoTime();
  private long anchorEpochMillis = CLOCK.millis();
  private final LoopCounters counters = new LoopCounters();
  private final Map<String, LoopCounters> scopes = new ConcurrentHashMap<>();
  private int activeFaults;
  private EdgeCache edges = new EdgeCache();
  private OverloadState overload = OverloadState.NONE;
  private final Map<Integer, ClusterState> states = new HashMap<>();

  /** What other loops have found out, by cluster. */
  private final Map<Integer, Set<SocketEndpoint>> failing = new HashMap<>();

  private HealthBoard board = new HealthBoard();
  private int seat;

  /**
   * @param loops of the proxy, which share the limits of circuit breakers
   * @param self the workload that this proxy stands for
   */
  public Worker(
      LoopResources resources,
      Connector connector,
      RandomGenerator dice,
      int loops,
      WorkloadRef self) {
    this.resources = resources;
    this.connector = connector;
    this.dice = dice;
    this.loops = loops;
    this.self = self;
    this.logs = new LoopLogs(dice);
    this.meter = new EdgeMeter(resources.loop()::inEventLoop);
  }

  /** Takes a place among the loops that share checks of health; before there are clusters. */
  public void join(HealthBoard all) {
    board = all;
    seat = all.join(resources.loop(), this::heard);
  }

  private void heard(int cluster, Set<SocketEndpoint> now) {
    assert resources.loop().inEventLoop();
    failing.put(cluster, now);
    ClusterState state = states.get(cluster);
    if (state != null) {
      state.heard(now);
    }
  }

  public WorkloadRef self() {
    return self;
  }

  public EdgeMeter meter() {
    return meter;
  }

  /** What is counted for the proxy as a whole. */
  public LoopCounters counters() {
    return counters;
  }

  /**
   * What is counted under {@code prefix}, for example {@code http.ingress.}; for keeping. Prefixes
   * beyond {@value #MOST_SCOPES} share their counters.
   */
  public LoopCounters counters(String prefix) {
    assert resources.loop().inEventLoop();
    LoopCounters known = scopes.get(prefix);
    if (known != null) {
      return known;
    }
    String kept =
        scopes.size() < MOST_SCOPES
            ? prefix
            : prefix.substring(0, prefix.indexOf('.') + 1) + "others.";
    return scopes.computeIfAbsent(kept, p -> new LoopCounters());
  }

  /** By prefix. Thread: any. */
  public Map<String, LoopCounters> scopes() {
    return Collections.unmodifiableMap(scopes);
  }

  /** What is done against overload. */
  public OverloadState overload() {
    return overload;
  }

  public void overload(OverloadState now) {
    assert resources.loop().inEventLoop();
    overload = now;
  }

  /** One request more is held by a fault, where this loop's share of {@code most} lets it. */
  boolean tryFault(int most) {
    if (activeFaults >= Math.ceilDiv(most, loops)) {
      return false;
    }
    activeFaults++;
    return true;
  }

  void faultEnded() {
    activeFaults--;
  }

  /** Loops of the proxy. */
  int loops() {
    return loops;
  }

  EdgeCache edges() {
    return edges;
  }

  public LoopResources resources() {
    return resources;
  }

  public Connector connector() {
    return connector;
  }

  /** A client's connection is closed. */
  public void left(DownstreamConnection connection) {
    if (!departures.isEmpty()) {
      departures.left(ToldClient.of(connection));
    }
  }

  public RandomGenerator dice() {
    return dice;
  }

  /** This loop's state of {@code cluster}, brought up to it. */
  public ClusterState state(Cluster cluster) {
    assert resources.loop().inEventLoop();
    ClusterState state = states.get(cluster.id());
    if (state == null) {
      state =
          new ClusterState(
              resources,
              connector,
              departures,
              loops,
              dice,
              board,
              seat,
              failing.getOrDefault(cluster.id(), Set.of()),
              cluster);
      states.put(cluster.id(), state);
    } else {
      state.sync(cluster);
    }
    return state;
  }

  /** A new configuration is in force: lets go of clusters that are no more. */
  public void retain(Set<Integer> ids) {
    edges = new EdgeCache();
    failing.keySet().retainAll(ids);
    for (Iterator<Map.Entry<Integer, ClusterState>> each = states.entrySet().iterator();
        each.hasNext(); ) {
      Map.Entry<Integer, ClusterState> entry = each.next();
      if (!ids.contains(entry.getKey())) {
        entry.getValue().close();
        each.remove();
      }
    }
  }

  /** Clusters whose hosts are asked for their health are kept from the start. */
  public void watch(Iterable<Cluster> clusters) {
    for (Cluster cluster : clusters) {
      if (cluster.config().healthCheck().isPresent() || states.containsKey(cluster.id())) {
        var unused = state(cluster);
      }
    }
  }

  /** States made so far. */
  public Iterable<ClusterState> states() {
    return states.values();
  }

  /** The access logs of this loop. */
  public LoopLogs logs() {
    return logs;
  }

  /** The wall clock's time at a moment of {@link System#nanoTime}, right to a second's drift. */
  public long epochMillis(long atNanos) {
    return anchorEpochMillis + (atNanos - anchorNanos) / 1_000_000;
  }

  public void sweep(long nowNanos) {
    anchorNanos = nowNanos;
    anchorEpochMillis = CLOCK.millis();
    logs.flush();
    states.values().forEach(state -> state.sweep(nowNanos));
  }

  public void close() {
    logs.flush();
    states.values().forEach(ClusterState::close);
    states.clear();
  }
}
