package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.http.LoopResources;
import dev.meshctl.dataplane.resilience.CircuitBreaker;
import dev.meshctl.dataplane.upstream.Cluster.Speech;
import dev.meshctl.model.xds.UpstreamOptions;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The connection pools of one endpoint on one loop.
 *
 * <p>Thread: confined to its loop.
 */
public final class HostPools {
  private final LoopResources resources;
  private final Connector connector;
  private final CircuitBreaker breaker;
  private final CircuitBreaker high;
  private final InetSocketAddress address;
  private final List<StreamPool> retired = new ArrayList<>();

  /** By protocol, and those of high priority apart. */
  private final @Nullable Entry[] entries = new Entry[4];

  /** A pool with the transport and the options that its connections have. */
  private record Entry(UpstreamTransport transport, UpstreamOptions options, StreamPool pool) {}

  HostPools(
      LoopResources resources,
      Connector connector,
      CircuitBreaker breaker,
      CircuitBreaker high,
      InetSocketAddress address) {
    this.high = high;
    this.breaker = breaker;
    this.resources = resources;
    this.connector = connector;
    this.address = address;
  }

  public InetSocketAddress address() {
    return address;
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
    CircuitBreaker limits = highPriority ? high : breaker;
    var timeout = cluster.config().connectTimeout();
    StreamPool pool =
        speech == Speech.HTTP2
            ? new Http2Pool(resources, connector, limits, address, transport, timeout, options)
            : new Http1Pool(resources, connector, limits, address, transport, timeout, options);
    entries[at] = new Entry(transport, options, pool);
    return pool;
  }

  private static boolean fits(UpstreamOptions one, UpstreamOptions other) {
    return one == other || one.equals(other);
  }

  /** Open or opening. */
  public int connections() {
    int sum = 0;
    for (Entry entry : entries) {
      sum += entry == null ? 0 : entry.pool().connections();
    }
    return sum;
  }

  void closeIdle(long beforeNanos) {
    for (Entry entry : entries) {
      if (entry != null) {
        entry.pool().closeIdle(beforeNanos);
      }
    }
    retired.removeIf(pool -> pool.connections() == 0);
  }

  /** No new exchange comes here. */
  void retire() {
    for (Entry entry : entries) {
      if (entry != null) {
        entry.pool().retire();
      }
    }
  }
}
