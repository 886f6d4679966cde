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
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.dataplane.upstream.HostPools;
import dev.meshctl.model.match.CompiledRoute;
import dev.meshctl.model.match.RouteTarget;
import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeKey.Protocol;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import org.jspecify.annotations.Nullable;

/**
 * What happened to one exchange, counted once at its end.
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class Tally {
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

  Tally(Worker worker, HttpScope scope, RequestHead head, DownstreamConnection connection) {
    this.worker = worker;
    this.scope = scope;
    this.head = head;
    this.connection = connection;
    this.protocol =
        head.isGrpc()
            ? Protocol.GRPC
            : head.version() == RequestHead.Version.HTTP2 ? Protocol.HTTP2 : Protocol.HTTP1;
    worker.counters().count(Counter.DOWNSTREAM_RQ_TOTAL);
    worker.counters().count(Counter.DOWNSTREAM_RQ_ACTIVE);
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
    grpcStatus = response.grpcStatus();
  }

  void trailers(HeaderBlock trailers) {
    int late = ResponseHead.grpcStatusOf(trailers);
    grpcStatus = late >= 0 ? late : grpcStatus;
  }

  void failed(Failure failure) {
    flags |= failure.flags();
    switch (failure) {
      case Failure.Plain plain -> {
        if (plain == Failure.Plain.NO_ROUTE) {
          worker.counters().count(Counter.NO_ROUTE);
        } else if (plain == Failure.Plain.NO_CLUSTER) {
          worker.counters().count(Counter.NO_CLUSTER);
        } else if (plain == Failure.Plain.UPSTREAM_TIMEOUT
            || plain == Failure.Plain.PER_TRY_TIMEOUT) {
          worker.counters().count(Counter.UPSTREAM_RQ_TIMEOUT);
        }
      }
      case Failure.ConnectFailed connect ->
          worker.counters().count(Counter.UPSTREAM_CX_CONNECT_FAIL);
      case Failure.Injected injected -> {}
      case Failure.Denied denied -> {}
    }
  }

  void flag(ResponseFlag flag) {
    flags |= flag.bit();
  }

  void retried() {
    retries++;
    worker.counters().count(Counter.UPSTREAM_RQ_RETRY);
  }

  void retryOverflow() {
    flags |= ResponseFlag.URX.bit();
    worker.counters().count(Counter.UPSTREAM_RQ_RETRY_OVERFLOW);
  }

  boolean responded() {
    return status != 0;
  }

  /** The exchange is over. */
  void done() {
    LoopCounters counters = worker.counters();
    counters.add(Counter.DOWNSTREAM_RQ_ACTIVE, -1);
    if (status >= 100 && status < 600) {
      counters.count(Counter.ofStatus(status));
    }
    if (retries > 0 && status < 500 && flags == 0) {
      counters.count(Counter.UPSTREAM_RQ_RETRY_SUCCESS);
    }
    long micros = (System.nanoTime() - startNanos) / 1000;
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
}
