package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.http.Http1Client;
import dev.meshctl.dataplane.http.LoopResources;
import dev.meshctl.dataplane.resilience.ConnectionAllowance;
import dev.meshctl.model.xds.UpstreamOptions;
import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1 connections to one endpoint: the one used last is used next, so that the others may close.
 *
 * <p>Thread: confined to its loop.
 */
final class Http1Pool implements StreamPool, Http1Client.Owner, Connector.Callback {
  private final LoopResources resources;
  private final Connector connector;
  private final ConnectionAllowance breaker;
  private final HostCounts counts;
  private final SocketAddress address;
  private final UpstreamTransport transport;
  private final Duration connectTimeout;
  private final UpstreamOptions options;
  private final ArrayDeque<Http1Client> idle = new ArrayDeque<>();
  private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();
  private int open;
  private int connecting;
  private boolean retired;

  Http1Pool(
      LoopResources resources,
      Connector connector,
      ConnectionAllowance breaker,
      HostCounts counts,
      SocketAddress address,
      UpstreamTransport transport,
      Duration connectTimeout,
      UpstreamOptions options) {
    this.resources = resources;
    this.connector = connector;
    this.breaker = breaker;
    this.counts = counts;
    this.address = address;
    this.transport = transport;
    this.connectTimeout = connectTimeout;
    this.options = options;
  }

  @Override
  public void acquire(Waiter waiter) {
    Http1Client connection = takeIdle();
    if (connection != null) {
      waiter.ready(connection.start(waiter));
      return;
    }
    if (!mayWait()) {
      waiter.failed(ConnectFailure.OVERFLOW);
      return;
    }
    waiting.addLast(waiter);
    connect();
  }

  /** As many connections as there are waiters, where the breaker lets them. */
  private void connect() {
    while (connecting < waiting.size()) {
      if (!breaker.tryConnection()) {
        if (open + connecting > 0) {
          return;
        }
        breaker.connectionAnyway();
      }
      connecting++;
      counts.connecting();
      connector.connect(address, transport, connectTimeout, this);
    }
  }

  /** A place among those who wait; who has given up makes room. */
  private boolean mayWait() {
    if (breaker.pendingOpen()) {
      waiting.removeIf(this::gaveUp);
    }
    return breaker.tryPending();
  }

  private boolean gaveUp(Waiter waiter) {
    if (waiter.cancelled()) {
      breaker.pendingEnded();
      return true;
    }
    return false;
  }

  private @Nullable Http1Client takeIdle() {
    Http1Client connection = idle.pollLast();
    while (connection != null && !connection.usable()) {
      connection = idle.pollLast();
    }
    return connection;
  }

  @Override
  public void connected(Channel channel) {
    connecting--;
    open++;
    WaterMarks.bound(channel, options.bufferBytes());
    KeepAlive.of(channel, options.life().keepalive());
    Http1Client connection = new Http1Client(resources, this, options.limits());
    channel.pipeline().addLast(connection);
    give(connection);
  }

  @Override
  public void failed(ConnectFailure reason) {
    counts.connectFailed();
    connecting--;
    breaker.connectionClosed();
    // As many may wait as there are connections under way; one more loses its hope with this.
    boolean told = false;
    while (!told && waiting.size() > connecting) {
      Waiter waiter = waiting.removeFirst();
      breaker.pendingEnded();
      if (!waiter.cancelled()) {
        waiter.failed(reason);
        told = true;
      }
    }
    connect();
  }

  @Override
  public void idle(Http1Client connection) {
    give(connection);
  }

  private boolean isOld(Http1Client connection) {
    return options.life().longest().isPositive()
        && options.life().isOver(connection.bornNanos(), System.nanoTime());
  }

  private void give(Http1Client connection) {
    if (isOld(connection)) {
      // Whoever waits gets another: one is opened when this is closed.
      connection.close();
      return;
    }
    Waiter waiter = nextWaiter();
    while (waiter != null && waiter.cancelled()) {
      waiter = nextWaiter();
    }
    if (waiter != null) {
      waiter.ready(connection.start(waiter));
    } else if (retired) {
      connection.close();
    } else {
      idle.addLast(connection);
    }
  }

  private @Nullable Waiter nextWaiter() {
    Waiter waiter = waiting.pollFirst();
    if (waiter != null) {
      breaker.pendingEnded();
    }
    return waiter;
  }

  @Override
  public void closed(Http1Client connection) {
    open--;
    idle.remove(connection);
    breaker.connectionClosed();
    connect();
  }

  @Override
  public void closeIdle(long beforeNanos) {
    Http1Client oldest = idle.peekFirst();
    while (oldest != null && oldest.idleSinceNanos() - beforeNanos < 0) {
      idle.removeFirst();
      oldest.close();
      oldest = idle.peekFirst();
    }
    if (options.life().longest().isPositive()) {
      List.copyOf(idle).stream().filter(this::isOld).forEach(Http1Client::close);
    }
  }

  @Override
  public void retire() {
    retired = true;
    for (Http1Client connection = idle.pollFirst();
        connection != null;
        connection = idle.pollFirst()) {
      connection.close();
    }
  }

  @Override
  public int waiting() {
    return waiting.size();
  }

  @Override
  public int connections() {
    return open + connecting;
  }
}
