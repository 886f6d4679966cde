package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.balance.Host;
import dev.meshctl.dataplane.http.DownstreamConnection;
import dev.meshctl.dataplane.http.HeaderBlock;
import dev.meshctl.dataplane.http.RequestHead;
import dev.meshctl.dataplane.http.ResponseHead;
import dev.meshctl.dataplane.observe.Edge;
import dev.meshctl.dataplane.observe.EdgeLabels;
import dev.meshctl.dataplane.observe.EdgeLabels.Reporter;
import dev.meshctl.dataplane.observe.Failure;
import dev.meshctl.dataplane.observe.LoopCounters;
import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import dev.meshctl.dataplane.observe.ResponseFlag;
import dev.meshctl.dataplane.observe.log.Addresses;
import dev.meshctl.dataplane.observe.log.CompiledLogs;
import dev.meshctl.dataplane.observe.log.KeptFields;
import dev.meshctl.dataplane.observe.log.LogEntry;
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.dataplane.upstream.HostPools;
import dev.meshctl.model.match.Bytes;
import dev.meshctl.model.match.CompiledRoute;
import dev.meshctl.model.match.RouteTarget;
import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeKey.Protocol;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What happened to one exchange, counted once at its end.
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class Tally implements LogEntry {
  private static final Object NO_TARGET = new Object();

  private final Worker worker;
  private final HttpScope scope;
  private final RequestHead head;
  private final DownstreamConnection connection;
  private final Protocol protocol;
  private final long startNanos = System.nanoTime();
  private @Nullable CompiledRoute route;
  private @Nullable RouteTarget target;
  private @Nullable Cluster cluster;
  private @Nullable Host<HostPools> host;
  private boolean mtls;
  private int status;
  private int grpcStatus = -1;
  private long flags;
  private long requestBytes;
  private long responseBytes;
  private int retries;
  private String details = "via_upstream";
  private String transportFailure = "";
  private long responseHeadNanos;
  private long requestEndNanos;
  private KeptFields keptResponse = KeptFields.NONE;
  private KeptFields keptTrailers = KeptFields.NONE;
  private @Nullable SocketAddress upstreamLocal;
  private long endNanos;

  Tally(Worker worker, HttpScope scope, RequestHead head, DownstreamConnection connection) {
    this.worker = worker;
    this.scope = scope;
    this.head = head;
    this.connection = connection;
    this.protocol =
        head.isGrpc()
            ? Protocol.GRPC
            : head.version() == RequestHead.Version.HTTP2 ? Protocol.HTTP2 : Protocol.HTTP1;
    scope.counters().count(Counter.DOWNSTREAM_RQ_TOTAL);
    scope.counters().count(Counter.DOWNSTREAM_RQ_ACTIVE);
  }

  void route(CompiledRoute taken) {
    route = taken;
  }

  void target(RouteTarget chosen, Cluster of) {
    target = chosen;
    cluster = of;
  }

  void host(@Nullable Host<HostPools> picked, boolean encrypted) {
    host = picked;
    mtls = encrypted;
  }

  void requestBytes(int bytes) {
    requestBytes += bytes;
  }

  void responseBytes(int bytes) {
    responseBytes += bytes;
  }

  void response(ResponseHead response) {
    status = response.status();
    responseHeadNanos = System.nanoTime();
    grpcStatus = response.grpcStatus();
    CompiledLogs logs = scope.routes().logs();
    if (logs.keepsResponse()) {
      keptResponse = logs.keepResponse(response::value);
    }
  }

  /** The request has come whole. */
  void requestEnded() {
    if (!scope.routes().logs().isEmpty()) {
      requestEndNanos = System.nanoTime();
    }
  }

  /** Our end of the connection that carries the exchange. */
  void upstreamLocal(@Nullable SocketAddress address) {
    upstreamLocal = address;
  }

  void trailers(HeaderBlock trailers) {
    int late = ResponseHead.grpcStatusOf(trailers);
    grpcStatus = late >= 0 ? late : grpcStatus;
    CompiledLogs logs = scope.routes().logs();
    if (logs.keepsTrailers()) {
      keptTrailers = logs.keepTrailers(trailers::value);
    }
  }

  void failed(Failure failure) {
    flags |= failure.flags();
    details = failure.details();
    switch (failure) {
      case Failure.Plain plain -> {
        if (plain == Failure.Plain.NO_ROUTE) {
          scope.counters().count(Counter.NO_ROUTE);
        } else if (plain == Failure.Plain.NO_CLUSTER) {
          scope.counters().count(Counter.NO_CLUSTER);
        } else if (plain == Failure.Plain.UPSTREAM_TIMEOUT) {
          timedOut(Counter.UPSTREAM_RQ_TIMEOUT);
        } else if (plain == Failure.Plain.PER_TRY_TIMEOUT) {
          timedOut(Counter.UPSTREAM_RQ_PER_TRY_TIMEOUT);
        }
      }
      case Failure.ConnectFailed connect -> {
        transportFailure = connect.reason();
      }
      case Failure.Injected injected -> {}
      case Failure.Denied denied -> {}
      case Failure.Shed shed -> {}
    }
  }

  private void timedOut(Counter counter) {
    LoopCounters of = upstream();
    if (of != null) {
      of.count(counter);
    }
    Host<HostPools> at = host;
    if (at != null) {
      at.attachment().counts().timedOut();
    }
  }

  /** Of the cluster that was chosen, null before one was. */
  private @Nullable LoopCounters upstream() {
    Host<HostPools> at = host;
    if (at != null) {
      return at.attachment().counts().cluster();
    }
    Cluster of = cluster;
    return of == null ? null : worker.state(of).counters();
  }

  private void upstream(Counter counter) {
    LoopCounters of = upstream();
    if (of != null) {
      of.count(counter);
    }
  }

  /** By us, and not because something failed; {@code how} in Envoy's words. */
  void answered(String how) {
    details = how;
  }

  void flag(ResponseFlag flag) {
    flags |= flag.bit();
  }

  void retried() {
    retries++;
    upstream(Counter.UPSTREAM_RQ_RETRY);
  }

  void retryOverflow() {
    flags |= ResponseFlag.URX.bit();
  }

  boolean responded() {
    return status != 0;
  }

  /** The exchange is over. */
  void done() {
    LoopCounters counters = scope.counters();
    counters.add(Counter.DOWNSTREAM_RQ_ACTIVE, -1);
    endNanos = System.nanoTime();
    long micros = (endNanos - startNanos) / 1000;
    counters.times().record(micros);
    LoopCounters upstream = upstream();
    if (status >= 100 && status < 600) {
      counters.count(Counter.ofStatus(status));
      if (upstream != null) {
        upstream.count(Counter.ofUpstreamStatus(status));
        upstream.times().record(micros);
      }
    }
    if (retries > 0 && status < 500 && flags == 0) {
      upstream(Counter.UPSTREAM_RQ_RETRY_SUCCESS);
    }
    CompiledLogs logs = scope.routes().logs();
    if (!logs.isEmpty()) {
      worker.logs().log(logs, this);
    }
    edge()
        .exchange(
            status,
            protocol == Protocol.GRPC ? grpcStatus : -1,
            flags,
            micros,
            requestBytes,
            responseBytes);
  }

  private Edge edge() {
    Cluster of = cluster;
    boolean inbound = scope.direction() == Direction.INBOUND;
    boolean named = inbound || (of != null && !of.config().service().host().isEmpty());
    if (!named) {
      return worker.meter().edge(labels(inbound));
    }
    Object key = target == null ? NO_TARGET : target;
    Object who = inbound ? connection.peerUri() : host;
    int variant = protocol.ordinal() << 2 | (mtls ? 2 : 0) | (inbound ? 1 : 0);
    Edge known = worker.edges().find(key, who, variant);
    if (known == null) {
      known = worker.meter().edge(labels(inbound));
      worker.edges().put(key, who, variant, known);
    }
    return known;
  }

  private EdgeLabels labels(boolean inbound) {
    Cluster of = cluster;
    Host<HostPools> at = host;
    CompiledRoute taken = route;
    String service = of == null ? "" : of.config().service().host();
    String peer = connection.peerUri();
    EdgeKey key =
        new EdgeKey(
            inbound ? WorkloadRef.UNKNOWN : worker.self(),
            service.isEmpty() ? hostOnly(head.authority().toString()) : service,
            inbound ? worker.self() : at == null ? WorkloadRef.UNKNOWN : at.endpoint().workload(),
            protocol,
            inbound ? connection.peer().isPresent() : mtls,
            taken == null ? "" : taken.name());
    return new EdgeLabels(
        key,
        inbound ? Reporter.DESTINATION : Reporter.SOURCE,
        inbound ? peer : scope.ownUri(),
        inbound ? scope.ownUri() : "");
  }

  private static String hostOnly(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
  }

  // ---- the log's questions

  @Override
  public long startEpochMillis() {
    return worker.epochMillis(startNanos);
  }

  @Override
  public long durationMillis() {
    return (endNanos - startNanos) / 1_000_000;
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public int grpcStatus() {
    return grpcStatus;
  }

  @Override
  public long flags() {
    return flags;
  }

  @Override
  public String responseDetails() {
    return details;
  }

  @Override
  public String terminationDetails() {
    return "";
  }

  @Override
  public String transportFailure() {
    return transportFailure;
  }

  @Override
  public long bytesReceived() {
    return requestBytes;
  }

  @Override
  public long bytesSent() {
    return responseBytes;
  }

  @Override
  public String protocol() {
    return switch (head.version()) {
      case HTTP10 -> "HTTP/1.0";
      case HTTP11 -> "HTTP/1.1";
      case HTTP2 -> "HTTP/2";
    };
  }

  @Override
  public long upstreamServiceMillis() {
    return responseHeadNanos == 0 || host == null
        ? -1
        : (responseHeadNanos - startNanos) / 1_000_000;
  }

  @Override
  public @Nullable Bytes requestHeader(String lowerCaseName) {
    return head.header(lowerCaseName);
  }

  @Override
  public @Nullable Bytes responseHeader(String lowerCaseName) {
    return keptResponse.find(lowerCaseName);
  }

  @Override
  public @Nullable Bytes trailer(String lowerCaseName) {
    return keptTrailers.find(lowerCaseName);
  }

  @Override
  public long requestMillis() {
    return requestEndNanos == 0 ? -1 : (requestEndNanos - startNanos) / 1_000_000;
  }

  @Override
  public long responseMillis() {
    return upstreamServiceMillis();
  }

  @Override
  public long responseTxMillis() {
    return responseHeadNanos == 0 || host == null ? -1 : (endNanos - responseHeadNanos) / 1_000_000;
  }

  @Override
  public int attempts() {
    return host == null ? 0 : retries + 1;
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
  public String downstreamLocalAddress() {
    return connection.originalText();
  }

  @Override
  public String downstreamRemoteAddress() {
    String told = TrustedClient.told(scope.facts(), head);
    return told == null
        ? Addresses.text(connection.remote())
        : (told.indexOf(':') >= 0 ? "[" + told + "]" : told) + ":0";
  }

  @Override
  public String downstreamDirectRemoteAddress() {
    return Addresses.text(connection.direct());
  }

  @Override
  public String localUri() {
    return scope.ownUri();
  }

  @Override
  public String downstreamPeer() {
    return connection.peerUri();
  }

  @Override
  public String requestedServerName() {
    return connection.serverName();
  }

  @Override
  public String routeName() {
    CompiledRoute taken = route;
    return taken == null ? "" : taken.name();
  }
}
