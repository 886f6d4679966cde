package dev.meshctl.dataplane.stack;

import dev.meshctl.dataplane.http.DownstreamConnection;
import dev.meshctl.dataplane.observe.log.Addresses;
import dev.meshctl.dataplane.observe.log.ConnectionEntry;
import dev.meshctl.dataplane.route.Worker;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What the log of a listener tells of a connection; what becomes of it upstream is told by the log
 * of its filter.
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class ConnectionLine implements ConnectionEntry {
  private final Worker worker;
  private final InetSocketAddress remote;
  private final InetSocketAddress local;
  private final long startNanos = System.nanoTime();
  private @Nullable DownstreamConnection served;

  ConnectionLine(Worker worker, InetSocketAddress remote, InetSocketAddress local) {
    this.worker = worker;
    this.remote = remote;
    this.local = local;
  }

  /** It has come as far as its filters. */
  void served(DownstreamConnection connection) {
    served = connection;
  }

  @Override
  public long startEpochMillis() {
    return worker.epochMillis(startNanos);
  }

  @Override
  public long durationMillis() {
    return (System.nanoTime() - startNanos) / 1_000_000;
  }

  @Override
  public long flags() {
    return 0;
  }

  @Override
  public String transportFailure() {
    return "";
  }

  @Override
  public long bytesReceived() {
    return 0;
  }

  @Override
  public long bytesSent() {
    return 0;
  }

  @Override
  public String upstreamHost() {
    return "";
  }

  @Override
  public String upstreamCluster() {
    return "";
  }

  @Override
  public String upstreamLocalAddress() {
    return "";
  }

  @Override
  public String downstreamLocalAddress() {
    return Addresses.text(served == null ? local : served.original());
  }

  @Override
  public String downstreamRemoteAddress() {
    return Addresses.text(served == null ? remote : served.remote());
  }

  @Override
  public String downstreamDirectRemoteAddress() {
    return Addresses.text(remote);
  }

  @Override
  public String downstreamPeer() {
    return served == null ? "" : served.peerUri();
  }

  @Override
  public String requestedServerName() {
    return served == null ? "" : served.serverName();
  }
}
