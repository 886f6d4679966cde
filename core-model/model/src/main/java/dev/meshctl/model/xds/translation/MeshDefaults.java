package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.DestinationRule.ConnectionPool;
import dev.meshctl.model.resource.DestinationRule.H2Upgrade;
import dev.meshctl.model.resource.DestinationRule.TrafficPolicy;
import dev.meshctl.model.resource.MeshConfig;
import dev.meshctl.model.resource.MeshConfig.AccessLogging;
import dev.meshctl.model.resource.Sidecar.OutboundTraffic;
import dev.meshctl.model.xds.AccessLog;
import dev.meshctl.model.xds.AccessLog.Format;
import dev.meshctl.model.xds.AccessLog.Sink;
import dev.meshctl.model.xds.AccessLog.Value;
import dev.meshctl.model.xds.IstioLogFormat;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.NetworkFilter.HttpConnection;
import dev.meshctl.model.xds.NetworkFilter.TcpProxy;
import dev.meshctl.model.xds.Retry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a MeshConfig says where a resource says nothing. */
record MeshDefaults(MeshConfig mesh) {
  private static final ConnectionPool NO_LIMITS =
      new ConnectionPool(
          0,
          Optional.empty(),
          0,
          0,
          0,
          Optional.empty(),
          0,
          0,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          H2Upgrade.DEFAULT,
          false);

  private static final TrafficPolicy NO_POLICY =
      new TrafficPolicy(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of());

  /** What becomes of connections to what nobody has declared. */
  OutboundTraffic outbound() {
    return mesh.outboundTraffic().orElse(OutboundTraffic.ALLOW_ANY);
  }

  /** Retries of routes that say nothing of them. */
  Optional<Retry> retry() {
    return mesh.retries()
        .map(VirtualServiceRoutes::retry)
        .orElse(Optional.of(RouteParts.DEFAULT_RETRY));
  }

  /** A listener that logs where and as the mesh says; the same where that says nothing. */
  ListenerConfig logged(ListenerConfig listener) {
    if (mesh.accessLog().isEmpty()) {
      return listener;
    }
    List<AccessLog> logs = List.of(log(mesh.accessLog().get()));
    return listener.mapChains(chain ->
        chain.with(
            chain.access(),
            switch (chain.filter()) {
              case HttpConnection http -> http.withAccessLog(logs);
              case TcpProxy tcp ->
                  new TcpProxy(tcp.statPrefix(), tcp.clusters(), tcp.idleTimeout(), logs);
            }));
  }

  private static AccessLog log(AccessLogging written) {
    Sink sink =
        switch (written.file()) {
          case "/dev/stdout" -> new Sink.Stdout();
          case "/dev/stderr" -> new Sink.Stderr();
          case String file -> new Sink.File(file);
        };
    return new AccessLog(sink, format(written), Optional.empty());
  }

  private static Format format(AccessLogging written) {
    if (written.json()) {
      Map<String, Value> members = new LinkedHashMap<>();
      (written.members().isEmpty() ? IstioLogFormat.JSON : written.members())
          .forEach((name, text) -> members.put(name, new Value.Text(text)));
      return new Format.Json(new Value.Members(members));
    }
    String text = written.text().isEmpty() ? IstioLogFormat.TEXT : written.text();
    return new Format.Text(text.endsWith("\n") ? text : text + "\n");
  }

  /** A policy with what it leaves out; empty where nothing is said at all. */
  Optional<TrafficPolicy> filled(Optional<TrafficPolicy> policy) {
    boolean pool =
        mesh.connectTimeout().isPresent() || mesh.tcpKeepalive().isPresent() || mesh.h2Upgrade();
    if (!pool && mesh.localityLb().isEmpty()) {
      return policy;
    }
    TrafficPolicy written = policy.orElse(NO_POLICY);
    return Optional.of(
        new TrafficPolicy(
            written.loadBalancer(),
            pool
                ? Optional.of(filled(written.connectionPool().orElse(NO_LIMITS)))
                : written.connectionPool(),
            written.outlierDetection(),
            written.tls(),
            written.consistentHash(),
            written.warmup(),
            written.localityLb().or(mesh::localityLb),
            written.portLevel()));
  }

  private ConnectionPool filled(ConnectionPool pool) {
    return new ConnectionPool(
        pool.maxConnections(),
        pool.connectTimeout().or(mesh::connectTimeout),
        pool.http1MaxPendingRequests(),
        pool.http2MaxRequests(),
        pool.maxRetries(),
        pool.idleTimeout(),
        pool.maxRequestsPerConnection(),
        pool.maxConcurrentStreams(),
        pool.keepalive().or(mesh::tcpKeepalive),
        pool.maxConnectionDuration(),
        pool.tcpIdleTimeout(),
        pool.h2Upgrade() == H2Upgrade.DEFAULT && mesh.h2Upgrade()
            ? H2Upgrade.UPGRADE
            : pool.h2Upgrade(),
        pool.useClientProtocol());
  }
}
