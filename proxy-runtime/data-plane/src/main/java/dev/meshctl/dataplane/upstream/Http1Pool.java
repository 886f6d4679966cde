package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.http.Http1Client;
import dev.meshctl.dataplane.http.LoopResources;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;

/**
 * HTTP/1 connections to one endpoint: the one used last is used next, so that the others may close.
 *
 * <p>Thread: confined to its loop.
 */
final class Http1Pool implements StreamPool, Http1Client.Owner, Connector.Callback {
  private final LoopResources resources;
  private final Connector connector;
  private final InetSocketAddress address;
  private final UpstreamTransport transport;
  private final Duration connectTimeout;
  private final ArrayDeque<Http1Client> idle = new ArrayDeque<>();
  private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();
  private int open;
  private int connecting;
  private boolean retired;

  Http1Pool(
      LoopResources resources,
      Connector connector,
      InetSocketAddress address,
      UpstreamTransport transport,
      Duration connectTimeout) {
    this.resources = resources;
    this.connector = connector;
    this.address = address;
    this.transport = transport;
    this.connectTimeout = connectTimeout;
  }

  @Override
  public void acquire(Waiter waiter) {
    Http1Client connection = takeIdle();
    if (connection != null) {
      waiter.ready(connection.start(waiter));
      return;
    }
    waiting.addLast(waiter);
    if (connecting < waiting.size()) {
      connecting++;
      connector.connect(address, transport, connectTimeout, this);
    }
  }

  private @org.jspecify.annotations.Nullable Http1Client takeIdle() {
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
    Http1Client connection = new Http1Client(resources, this);
    channel.pipeline().addLast(connection);
    give(connection);
  }

  @Override
  public void failed(ConnectFailure reason) {
    connecting--;
    // As many may wait as there are connections under way; the others lose their hope with this.
    while (waiting.size() > connecting) {
      Waiter waiter = waiting.pollFirst();
      if (waiter != null && !waiter.cancelled()) {
        waiter.failed(reason);
        return;
      }
    }
  }

  @Override
  public void idle(Http1Client connection) {
    give(connection);
  }

  private void give(Http1Client connection) {
    Waiter waiter = waiting.pollFirst();
    while (waiter != null && waiter.cancelled()) {
      waiter = waiting.pollFirst();
    }
    if (waiter != null) {
      waiter.ready(connection.start(waiter));
    } else if (retired) {
      connection.close();
    } else {
      idle.addLast(connection);
    }
  }

  @Override
  public void closed(Http1Client connection) {
    open--;
    idle.remove(connection);
  }

  @Override
  public void closeIdle(long beforeNanos) {
    Http1Client oldest = idle.peekFirst();
    while (oldest != null && oldest.idleSinceNanos() - beforeNanos < 0) {
      idle.removeFirst();
      oldest.close();
      oldest = idle.peekFirst();
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
  public int connections() {
    return open + connecting;
  }
}
