package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.http.Http2Client;
import dev.meshctl.dataplane.http.Http2Client.Upgrades;
import dev.meshctl.dataplane.http.LoopResources;
import dev.meshctl.dataplane.resilience.ConnectionAllowance;
import dev.meshctl.model.xds.UpstreamOptions;
import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * HTTP/2 connections to one endpoint: usually one, more only when its streams are used up.
 *
 * <p>Thread: confined to its loop.
 */
final class Http2Pool implements StreamPool, Http2Client.Owner, Connector.Callback {
  private final LoopResources resources;
  private final Connector connector;
  private final ConnectionAllowance breaker;
  private final HostCounts counts;
  private final SocketAddress address;
  private final UpstreamTransport transport;
  private final Duration connectTimeout;
  private final UpstreamOptions options;
  private final List<Http2Client> usable = new ArrayList<>();
  private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();
  private int open;
  private boolean connecting;
  private boolean retired;

  Http2Pool(
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
    boolean asked = false;
    for (int i = 0; i < usable.size(); i++) {
      Http2Client connection = usable.get(i);
      if (connection.hasRoom()) {
        if (serve(waiter, connection)) {
          return;
        }
        asked = true;
      }
    }
    if (!mayWait()) {
      waiter.failed(ConnectFailure.OVERFLOW);
      return;
    }
    waiting.addLast(waiter);
    if (!asked) {
      connect();
    }
  }

  /** False where {@code connection} cannot say yet whether it will do. */
  private static boolean serve(Waiter waiter, Http2Client connection) {
    if (!waiter.upgrades()) {
      waiter.ready(connection.start(waiter));
      return true;
    }
    return switch (connection.upgrades()) {
      case UNKNOWN -> false;
      case TAKEN -> {
        waiter.ready(connection.start(waiter));
        yield true;
      }
      case NOT_TAKEN -> {
        waiter.failed(ConnectFailure.NO_UPGRADES);
        yield true;
      }
    };
  }

  /** The host ended a connection without a word: another would most likely end so, too. */
  private void failUpgrades() {
    for (int left = waiting.size(); left > 0; left--) {
      Waiter waiter = waiting.pollFirst();
      if (waiter == null) {
        return;
      }
      if (!waiter.upgrades()) {
        waiting.addLast(waiter);
        continue;
      }
      breaker.pendingEnded();
      if (!waiter.cancelled()) {
        waiter.failed(ConnectFailure.UNREACHABLE);
      }
    }
  }

  @Override
  public void settled(Http2Client connection) {
    serveWaiting(connection);
  }

  private void connect() {
    if (!connecting && mayConnect()) {
      connecting = true;
      counts.connecting();
      connector.connect(address, transport, connectTimeout, this);
    }
  }

  private boolean mayConnect() {
    if (breaker.tryConnection()) {
      return true;
    }
    if (open > 0) {
      return false;
    }
    breaker.connectionAnyway();
    return true;
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

  @Override
  public void connected(Channel channel) {
    connecting = false;
    open++;
    WaterMarks.bound(channel, options.bufferBytes());
    KeepAlive.of(channel, options.life().keepalive());
    Http2Client connection = new Http2Client(resources, this, options.limits());
    usable.add(connection);
    channel.pipeline().addLast(connection.handler());
    channel.closeFuture().addListener(closed -> connection.inactive());
    serveWaiting(connection);
    if (!waiting.isEmpty() && !connection.hasRoom()) {
      connect();
    }
    if (retired) {
      connection.close();
    }
  }

  private void serveWaiting(Http2Client connection) {
    // Each once: who must wait for what the host says goes back into the queue.
    for (int left = waiting.size(); left > 0 && connection.hasRoom(); left--) {
      Waiter waiter = waiting.pollFirst();
      if (waiter == null) {
        return;
      }
      if (waiter.cancelled() || serve(waiter, connection)) {
        breaker.pendingEnded();
      } else {
        waiting.addLast(waiter);
      }
    }
  }

  @Override
  public void failed(ConnectFailure reason) {
    counts.connectFailed();
    connecting = false;
    breaker.connectionClosed();
    ArrayDeque<Waiter> all = new ArrayDeque<>(waiting);
    waiting.clear();
    for (Waiter waiter : all) {
      breaker.pendingEnded();
      if (!waiter.cancelled()) {
        waiter.failed(reason);
      }
    }
  }

  @Override
  public void streamEnded(Http2Client connection) {
    serveWaiting(connection);
  }

  @Override
  public void retired(Http2Client connection) {
    usable.remove(connection);
    if (connection.upgrades() == Upgrades.UNKNOWN) {
      failUpgrades();
    }
    if (!waiting.isEmpty()) {
      connect();
    }
  }

  @Override
  public void closed(Http2Client connection) {
    open--;
    breaker.connectionClosed();
    if (!waiting.isEmpty()) {
      connect();
    }
  }

  @Override
  public void closeIdle(long beforeNanos) {
    long now = System.nanoTime();
    for (Http2Client connection : List.copyOf(usable)) {
      if (connection.active() == 0 && connection.idleSinceNanos() - beforeNanos < 0
          || options.life().isOver(connection.bornNanos(), now)) {
        connection.close();
      }
    }
  }

  @Override
  public void retire() {
    retired = true;
    List.copyOf(usable).forEach(Http2Client::close);
  }

  @Override
  public int waiting() {
    return waiting.size();
  }

  @Override
  public int connections() {
    return open + (connecting ? 1 : 0);
  }
}
