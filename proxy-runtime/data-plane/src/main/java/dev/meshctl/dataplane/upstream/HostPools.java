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
  private final InetSocketAddress address;
  private final List<StreamPool> retired = new ArrayList<>();
  private @Nullable Entry http1;
  private @Nullable Entry http2;

  /** A pool with the transport and the options that its connections have. */
  private record Entry(UpstreamTransport transport, UpstreamOptions options, StreamPool pool) {}

  HostPools(
      LoopResources resources,
      Connector connector,
      CircuitBreaker breaker,
      InetSocketAddress address) {
    this.breaker = breaker;
    this.resources = resources;
    this.connector = connector;
    this.address = address;
  }

  public InetSocketAddress address() {
    return address;
  }

  /**
   * The pool for an HTTP exchange. One of another transport (a rotated certificate, TLS switched
   * on) or of other options ends in peace.
   */
  public StreamPool pool(Cluster cluster, boolean meshTls, Speech speech) {
    UpstreamTransport transport = cluster.transport(meshTls, speech);
    Entry entry = speech == Speech.HTTP2 ? http2 : http1;
    UpstreamOptions options = cluster.config().upstream();
    if (entry != null && entry.transport() == transport && fits(entry.options(), options)) {
      return entry.pool();
    }
    if (entry != null) {
      entry.pool().retire();
      retired.add(entry.pool());
    }
    var timeout = cluster.config().connectTimeout();
    StreamPool pool =
        speech == Speech.HTTP2
            ? new Http2Pool(resources, connector, breaker, address, transport, timeout, options)
            : new Http1Pool(resources, connector, breaker, address, transport, timeout, options);
    Entry fresh = new Entry(transport, options, pool);
    if (speech == Speech.HTTP2) {
      http2 = fresh;
    } else {
      http1 = fresh;
    }
    return pool;
  }

  private static boolean fits(UpstreamOptions one, UpstreamOptions other) {
    return one == other || one.equals(other);
  }

  /** Open or opening. */
  public int connections() {
    int sum = 0;
    if (http1 != null) {
      sum += http1.pool().connections();
    }
    if (http2 != null) {
      sum += http2.pool().connections();
    }
    return sum;
  }

  void closeIdle(long beforeNanos) {
    if (http1 != null) {
      http1.pool().closeIdle(beforeNanos);
    }
    if (http2 != null) {
      http2.pool().closeIdle(beforeNanos);
    }
    retired.removeIf(pool -> pool.connections() == 0);
  }

  /** No new exchange comes here. */
  void retire() {
    if (http1 != null) {
      http1.pool().retire();
    }
    if (http2 != null) {
      http2.pool().retire();
    }
  }
}
