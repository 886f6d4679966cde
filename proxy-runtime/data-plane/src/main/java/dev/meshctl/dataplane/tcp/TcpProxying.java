package dev.meshctl.dataplane.tcp;

import dev.meshctl.dataplane.balance.Host;
import dev.meshctl.dataplane.http.DownstreamConnection;
import dev.meshctl.dataplane.http.ServerConnection;
import dev.meshctl.dataplane.observe.Edge;
import dev.meshctl.dataplane.observe.EdgeLabels;
import dev.meshctl.dataplane.observe.EdgeLabels.Reporter;
import dev.meshctl.dataplane.observe.ResponseFlag;
import dev.meshctl.dataplane.observe.log.Addresses;
import dev.meshctl.dataplane.observe.log.CompiledLogs;
import dev.meshctl.dataplane.observe.log.ConnectionEntry;
import dev.meshctl.dataplane.resilience.OutlierDetector.Outcome;
import dev.meshctl.dataplane.route.Worker;
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.dataplane.upstream.Cluster.Speech;
import dev.meshctl.dataplane.upstream.ClusterState;
import dev.meshctl.dataplane.upstream.ConnectFailure;
import dev.meshctl.dataplane.upstream.Connector;
import dev.meshctl.dataplane.upstream.HostPools;
import dev.meshctl.dataplane.upstream.KeepAlive;
import dev.meshctl.dataplane.upstream.ToldClient;
import dev.meshctl.dataplane.upstream.UpstreamTransport;
import dev.meshctl.dataplane.upstream.WaterMarks;
import dev.meshctl.model.match.RouteTarget;
import dev.meshctl.model.match.WeightedTargets;
import dev.meshctl.model.match.XxHash;
import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeKey.Protocol;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.Labels;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.NetworkFilter.TcpProxy;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection proxied as plain bytes: picks a cluster by weight and a host, connects,
 * then relays. A host that cannot be reached is tried elsewhere, {@value #ATTEMPTS} times in all.
 *
 * <p>Thread: confined to the loop of the connection.
 */
public final class TcpProxying implements ServerConnection, Connector.Callback, ConnectionEntry {
  private static final int ATTEMPTS = 3;

  private final Worker worker;
  private final Channel channel;
  private final DownstreamConnection connection;
  private final TcpProxy config;
  private final Direction direction;
  private final String ownUri;
  private final Relay down;
  private final long startNanos = System.nanoTime();
  private Labels subset = Labels.NONE;
  private @Nullable Cluster cluster;
  private @Nullable ClusterState state;
  private @Nullable Host<HostPools> host;
  private @Nullable Relay up;
  private @Nullable Edge edge;
  private boolean mtls;
  private boolean closed;
  private boolean holdsConnection;
  private int attempts;
  private long flags;
  private String transportFailure = "";
  private @Nullable SocketAddress upstreamLocal;
  private long countedIn;
  private long countedOut;

  private TcpProxying(
      Worker worker,
      Channel channel,
      DownstreamConnection connection,
      TcpProxy config,
      Direction direction,
      String ownUri) {
    this.worker = worker;
    this.channel = channel;
    this.connection = connection;
    this.config = config;
    this.direction = direction;
    this.ownUri = ownUri;
    this.down = new Relay(worker.resources(), this::downClosed);
  }

  /** Puts the relay into the pipeline of {@code channel} and connects. */
  public static ServerConnection begin(
      Worker worker,
      Channel channel,
      DownstreamConnection connection,
      TcpProxy config,
      Function<String, @Nullable Cluster> clusters,
      Direction direction,
      String ownUri,
      CompiledLogs logs) {
    TcpProxying proxying = new TcpProxying(worker, channel, connection, config, direction, ownUri);
    channel.pipeline().addLast(proxying.down);
    if (!logs.isEmpty()) {
      // Above what connects: also what is refused has its line.
      channel.closeFuture().addListener(ended -> worker.logs().log(logs, proxying));
    }
    RouteTarget chosen = WeightedTargets.compile(config.clusters()).pick(worker.dice());
    proxying.subset = chosen.subset();
    Cluster cluster = clusters.apply(chosen.cluster());
    if (cluster == null) {
      proxying.refuse(ResponseFlag.NC);
    } else {
      proxying.connect(cluster);
    }
    return proxying;
  }

  private void connect(Cluster to) {
    cluster = to;
    ClusterState of = worker.state(to);
    state = of;
    if (!of.breaker().tryConnection()) {
      refuse(ResponseFlag.UO);
      return;
    }
    holdsConnection = true;
    attempt(to, of);
  }

  private void attempt(Cluster to, ClusterState of) {
    attempts++;
    if (to.config().discovery() instanceof ClusterConfig.Discovery.OriginalDestination) {
      open(to, connection.original(), false);
      return;
    }
    Host<HostPools> before = host;
    long hash = of.balancer().byHash() ? hash() : 0;
    Host<HostPools> picked =
        of.balancer()
            .pickOther(before == null ? List.of() : List.of(before), hash, subset, List.of(), 0);
    if (picked == null) {
      host = null;
      refuse(ResponseFlag.UH);
      return;
    }
    if (!picked.attachment().tryOwnConnection()) {
      host = null;
      refuse(ResponseFlag.UO);
      return;
    }
    host = picked;
    of.balancer().started(picked);
    picked.attachment().counts().connecting();
    open(to, picked.attachment().address(), picked.endpoint().meshTls());
  }

  /** The same for all tries of a client that shall stick to a host. */
  private long hash() {
    return config.bySourceIp() ? XxHash.of(connection.remoteText(), 0) : worker.dice().nextLong();
  }

  private void open(Cluster to, SocketAddress address, boolean meshTls) {
    UpstreamTransport plainly = to.transport(meshTls, Speech.BYTES);
    mtls = plainly.encrypted();
    UpstreamTransport transport = to.telling(plainly, Optional.of(ToldClient.of(connection)));
    worker.connector().connect(address, transport, to.config().connectTimeout(), this);
  }

  @Override
  public void connected(Channel upstream) {
    if (closed) {
      upstream.close();
      settle(null);
      return;
    }
    upstreamLocal = upstream.localAddress();
    Cluster to = cluster;
    WaterMarks.bound(upstream, to == null ? 0 : to.config().upstream().bufferBytes());
    if (to != null) {
      KeepAlive.of(upstream, to.config().upstream().life().keepalive());
    }
    Relay there = new Relay(worker.resources(), this::upClosed);
    up = there;
    upstream.pipeline().addLast(there);
    Edge counted = worker.meter().edge(labels());
    edge = counted;
    counted.opened((System.nanoTime() - startNanos) / 1000);
    Relay.join(down, there);
  }

  @Override
  public void failed(ConnectFailure reason) {
    Host<HostPools> at = host;
    if (at != null) {
      at.attachment().counts().connectFailed();
    }
    transportFailure = reason.toString().toLowerCase(Locale.ROOT);
    settle(Outcome.LOCAL_ORIGIN);
    Cluster to = cluster;
    ClusterState of = state;
    if (closed) {
      return;
    }
    if (to != null && of != null && attempts < ATTEMPTS) {
      attempt(to, of);
    } else {
      refuse(ResponseFlag.UF);
    }
  }

  private void refuse(ResponseFlag flag) {
    flags |= flag.bit();
    worker.meter().edge(labels()).refused(flag.bit(), (System.nanoTime() - startNanos) / 1000);
    releaseConnection();
    closed = true;
    down.abort();
  }

  private void settle(@Nullable Outcome outcome) {
    Host<HostPools> at = host;
    ClusterState of = state;
    if (at != null && of != null && !settledAt(at)) {
      lastSettled = at;
      settledAttempt = attempts;
      at.attachment().ownConnectionClosed();
      if (outcome == null) {
        of.balancer().cancelled(at);
      } else {
        of.balancer().ended(at, outcome, System.nanoTime());
      }
    }
  }

  private @Nullable Host<HostPools> lastSettled;
  private int settledAttempt;

  private boolean settledAt(Host<HostPools> at) {
    return lastSettled == at && settledAttempt == attempts;
  }

  private void downClosed() {
    closed = true;
    if (up == null) {
      releaseConnection();
    } else {
      finish();
    }
  }

  private void upClosed() {
    settle(Outcome.SUCCESS);
    finish();
  }

  private void finish() {
    count();
    Edge counted = edge;
    if (counted != null && holdsConnection) {
      counted.closed();
    }
    releaseConnection();
  }

  private void releaseConnection() {
    ClusterState of = state;
    if (holdsConnection && of != null) {
      holdsConnection = false;
      of.breaker().connectionClosed();
    }
  }

  private void count() {
    Edge counted = edge;
    Relay there = up;
    if (counted != null && there != null) {
      long in = down.bytesRead();
      long out = there.bytesRead();
      if (in != countedIn || out != countedOut) {
        counted.bytes(in - countedIn, out - countedOut);
        countedIn = in;
        countedOut = out;
      }
    }
  }

  private EdgeLabels labels() {
    Cluster to = cluster;
    Host<HostPools> at = host;
    boolean inbound = direction == Direction.INBOUND;
    String service = to == null ? "" : to.config().service().host();
    EdgeKey key =
        new EdgeKey(
            inbound ? WorkloadRef.UNKNOWN : worker.self(),
            service.isEmpty() ? connection.original().getAddress().getHostAddress() : service,
            inbound ? worker.self() : at == null ? WorkloadRef.UNKNOWN : at.endpoint().workload(),
            Protocol.TCP,
            inbound ? connection.peer().isPresent() : mtls,
            "");
    return new EdgeLabels(
        key,
        inbound ? Reporter.DESTINATION : Reporter.SOURCE,
        inbound ? connection.peerUri() : ownUri,
        inbound ? ownUri : "");
  }

  // ---- as the listener sees it

  /** Plain bytes cannot be told to end: the connection goes on until the deadline. */
  @Override
  public void drain() {}

  @Override
  public void sweep(long nowNanos) {
    count();
    Relay there = up;
    long idle = config.idleTimeout().toNanos();
    if (there != null
        && idle > 0
        && nowNanos - down.activeNanos() > idle
        && nowNanos - there.activeNanos() > idle) {
      down.abort();
    }
  }

  @Override
  public void closeNow() {
    channel.close();
  }

  // ---- the log's questions

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
    return flags;
  }

  @Override
  public String transportFailure() {
    return transportFailure;
  }

  @Override
  public long bytesReceived() {
    return down.bytesRead();
  }

  @Override
  public long bytesSent() {
    Relay there = up;
    return there == null ? 0 : there.bytesRead();
  }

  @Override
  public String upstreamHost() {
    Host<HostPools> at = host;
    return at == null ? "" : at.toString();
  }

  @Override
  public String upstreamCluster() {
    Cluster of = cluster;
    return of == null ? "" : of.name();
  }

  @Override
  public String upstreamLocalAddress() {
    return upstreamLocal instanceof InetSocketAddress address ? Addresses.text(address) : "";
  }

  @Override
  public int attempts() {
    return attempts;
  }

  @Override
  public String downstreamLocalAddress() {
    return Addresses.text(connection.original());
  }

  @Override
  public String downstreamRemoteAddress() {
    return Addresses.text(connection.remote());
  }

  @Override
  public String downstreamDirectRemoteAddress() {
    return Addresses.text(connection.direct());
  }

  @Override
  public String downstreamPeer() {
    return connection.peerUri();
  }

  @Override
  public String localUri() {
    return ownUri;
  }

  @Override
  public String requestedServerName() {
    return connection.serverName();
  }
}
