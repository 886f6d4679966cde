package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.http.DownstreamConnection;
import dev.meshctl.dataplane.http.LoopResources;
import dev.meshctl.dataplane.observe.LoopCounters;
import dev.meshctl.dataplane.resilience.CircuitBreaker;
import dev.meshctl.dataplane.resilience.ConnectionAllowance;
import dev.meshctl.dataplane.resilience.HostBreaker;
import dev.meshctl.dataplane.upstream.Cluster.Speech;
import dev.meshctl.model.xds.UpstreamOptions;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The connection pools of one endpoint on one loop.
 *
 * <p>Thread: confined to its loop.
 */
public final class HostPools {
  private final LoopResources resources;
  private final Connector connector;
  private final Departures departures;
  private final HostBreaker breaker;
  private final CircuitBreaker high;
  private final SocketAddress address;
  private final HostCounts counts;
  private final List<StreamPool> retired = new ArrayList<>();

  /** Whose connections these are, where the endpoint is told. */
  private final Optional<ToldClient> client;

  private @Nullable Map<ToldClient, HostPools> told;

  /** By protocol, and those of high priority apart. */
  private final @Nullable Entry[] entries = new Entry[4];

  /** A pool with the transport and the options that its connections have. */
  private record Entry(UpstreamTransport transport, UpstreamOptions options, StreamPool pool) {}

  HostPools(
      LoopResources resources,
      Connector connector,
      Departures departures,
      CircuitBreaker breaker,
      CircuitBreaker high,
      SocketAddress address,
      LoopCounters cluster) {
    this(
        resources,
        connector,
        departures,
        breaker.ofHost(),
        high,
        address,
        new HostCounts(cluster),
        Optional.empty());
  }

  private HostPools(
      LoopResources resources,
      Connector connector,
      Departures departures,
      HostBreaker breaker,
      CircuitBreaker high,
      SocketAddress address,
      HostCounts counts,
      Optional<ToldClient> client) {
    this.departures = departures;
    this.client = client;
    this.counts = counts;
    this.high = high;
    this.breaker = breaker;
    this.resources = resources;
    this.connector = connector;
    this.address = address;
  }

  public SocketAddress address() {
    return address;
  }

  /**
   * The pools for what {@code connection} asks: its own where the endpoint is told whose connection
   * it is, else those of everybody.
   */
  public HostPools serving(Cluster cluster, DownstreamConnection connection) {
    if (!cluster.tells()) {
      return this;
    }
    ToldClient whose = ToldClient.of(connection);
    Map<ToldClient, HostPools> known = told;
    if (known == null) {
      known = new HashMap<>();
      told = known;
    }
    HostPools own = known.get(whose);
    if (own == null) {
      own =
          new HostPools(
              resources, connector, departures, breaker, high, address, counts, Optional.of(whose));
      known.put(whose, own);
      departures.await(whose, this);
    }
    return own;
  }

  /** The client has left: nobody else may have its connections. */
  void left(ToldClient gone) {
    Map<ToldClient, HostPools> known = told;
    HostPools own = known == null ? null : known.remove(gone);
    if (own != null) {
      own.retire();
      for (Entry entry : own.entries) {
        if (entry != null) {
          retired.add(entry.pool());
        }
      }
      retired.addAll(own.retired);
    }
  }

  private Iterable<HostPools> toldOnes() {
    Map<ToldClient, HostPools> known = told;
    return known == null ? List.of() : known.values();
  }

  public HostCounts counts() {
    return counts;
  }

  /** Exchanges that wait for a connection. */
  public int waiting() {
    int sum = 0;
    for (Entry entry : entries) {
      sum += entry == null ? 0 : entry.pool().waiting();
    }
    for (HostPools each : toldOnes()) {
      sum += each.waiting();
    }
    return sum;
  }

  /** {@link #pool(Cluster, boolean, Speech, boolean)} of no high priority. */
  public StreamPool pool(Cluster cluster, boolean meshTls, Speech speech) {
    return pool(cluster, meshTls, speech, false);
  }

  /**
   * The pool for an HTTP exchange. One of another transport (a rotated certificate, TLS switched
   * on) or of other options ends in peace.
   */
  public StreamPool pool(Cluster cluster, boolean meshTls, Speech speech, boolean highPriority) {
    UpstreamTransport transport = cluster.transport(meshTls, speech);
    int at = (speech == Speech.HTTP2 ? 1 : 0) + (highPriority ? 2 : 0);
    Entry entry = entries[at];
    UpstreamOptions options = cluster.config().upstream();
    if (entry != null && entry.transport() == transport && fits(entry.options(), options)) {
      return entry.pool();
    }
    if (entry != null) {
      entry.pool().retire();
      retired.add(entry.pool());
    }
    ConnectionAllowance limits = highPriority ? high : breaker;
    var timeout = cluster.config().connectTimeout();
    UpstreamTransport whole = cluster.telling(transport, client);
    StreamPool pool =
        speech == Speech.HTTP2
            ? new Http2Pool(resources, connector, limits, counts, address, whole, timeout, options)
            : new Http1Pool(resources, connector, limits, counts, address, whole, timeout, options);
    entries[at] = new Entry(transport, options, pool);
    return pool;
  }

  private static boolean fits(UpstreamOptions one, UpstreamOptions other) {
    return one == other || one.equals(other);
  }

  /** For connections that no pool has. */
  public ConnectionAllowance allowance() {
    return breaker;
  }

  /** Counts one that the cluster has counted already; false where the host has enough. */
  public boolean tryOwnConnection() {
    return breaker.tryCounted();
  }

  public void ownConnectionClosed() {
    breaker.countedClosed();
  }

  /** Open or opening. */
  public int connections() {
    int sum = 0;
    for (Entry entry : entries) {
      sum += entry == null ? 0 : entry.pool().connections();
    }
    for (HostPools own : toldOnes()) {
      sum += own.connections();
    }
    return sum;
  }

  void closeIdle(long beforeNanos) {
    for (Entry entry : entries) {
      if (entry != null) {
        entry.pool().closeIdle(beforeNanos);
      }
    }
    Map<ToldClient, HostPools> known = told;
    if (known != null) {
      known.values().forEach(own -> own.closeIdle(beforeNanos));
      known.values().removeIf(own -> own.connections() == 0);
    }
    retired.removeIf(pool -> pool.connections() == 0);
  }

  /** No new exchange comes here. */
  void retire() {
    toldOnes().forEach(HostPools::retire);
    for (Entry entry : entries) {
      if (entry != null) {
        entry.pool().retire();
      }
    }
  }
}
