package dev.meshctl.model.xds;

import java.time.Duration;
import java.util.List;

/** The terminal network filter of a chain. */
public sealed interface NetworkFilter {

  /**
   * {@code HttpConnectionManager}.
   *
   * @param filters in order, the router implied as the last
   * @param streamIdleTimeout zero is off
   * @param accessLog a line for each exchange, when it ends
   * @param requestTimeout for the whole request to arrive, zero is off
   * @param maxStreamDuration the longest life of an exchange, zero is off
   * @param maxConnectionDuration after it a connection is drained, zero is off
   */
  record HttpConnection(
      String statPrefix,
      Codec codec,
      Routes routes,
      List<HttpFilter> filters,
      Duration streamIdleTimeout,
      Duration requestTimeout,
      Duration idleTimeout,
      List<AccessLog> accessLog,
      ForwardClientCert forwardClientCert,
      Duration maxStreamDuration,
      Duration maxConnectionDuration,
      HttpOptions options)
      implements NetworkFilter {
    public HttpConnection {
      filters = List.copyOf(filters);
      accessLog = List.copyOf(accessLog);
    }

    /** The same with other filters. */
    public HttpConnection withFilters(List<HttpFilter> others) {
      return new HttpConnection(
          statPrefix,
          codec,
          routes,
          others,
          streamIdleTimeout,
          requestTimeout,
          idleTimeout,
          accessLog,
          forwardClientCert,
          maxStreamDuration,
          maxConnectionDuration,
          options);
    }

    /** The same with other logs. */
    public HttpConnection withAccessLog(List<AccessLog> others) {
      return new HttpConnection(
          statPrefix,
          codec,
          routes,
          filters,
          streamIdleTimeout,
          requestTimeout,
          idleTimeout,
          others,
          forwardClientCert,
          maxStreamDuration,
          maxConnectionDuration,
          options);
    }

    /** The same with other options. */
    public HttpConnection withOptions(HttpOptions others) {
      return new HttpConnection(
          statPrefix,
          codec,
          routes,
          filters,
          streamIdleTimeout,
          requestTimeout,
          idleTimeout,
          accessLog,
          forwardClientCert,
          maxStreamDuration,
          maxConnectionDuration,
          others);
    }

    public HttpConnection(
        String statPrefix,
        Codec codec,
        Routes routes,
        List<HttpFilter> filters,
        Duration streamIdleTimeout,
        Duration requestTimeout,
        Duration idleTimeout,
        List<AccessLog> accessLog,
        ForwardClientCert forwardClientCert,
        Duration maxStreamDuration,
        Duration maxConnectionDuration) {
      this(
          statPrefix,
          codec,
          routes,
          filters,
          streamIdleTimeout,
          requestTimeout,
          idleTimeout,
          accessLog,
          forwardClientCert,
          maxStreamDuration,
          maxConnectionDuration,
          HttpOptions.DEFAULT);
    }

    public HttpConnection(
        String statPrefix,
        Codec codec,
        Routes routes,
        List<HttpFilter> filters,
        Duration streamIdleTimeout,
        Duration requestTimeout,
        Duration idleTimeout,
        boolean accessLog,
        ForwardClientCert forwardClientCert) {
      this(
          statPrefix,
          codec,
          routes,
          filters,
          streamIdleTimeout,
          requestTimeout,
          idleTimeout,
          accessLog ? List.of(AccessLog.STDOUT) : List.of(),
          forwardClientCert,
          Duration.ZERO,
          Duration.ZERO);
    }
  }

  /**
   * {@code TcpProxy}; {@code idleTimeout} zero is off.
   *
   * @param accessLog a line for each connection, when it ends
   * @param bySourceIp {@code hash_policy} with {@code source_ip}: clients stick to a host by their
   *     address, where the cluster balances by hash
   */
  record TcpProxy(
      String statPrefix,
      List<WeightedCluster> clusters,
      Duration idleTimeout,
      List<AccessLog> accessLog,
      boolean bySourceIp)
      implements NetworkFilter {
    public TcpProxy {
      clusters = List.copyOf(clusters);
      accessLog = List.copyOf(accessLog);
    }

    public TcpProxy(
        String statPrefix,
        List<WeightedCluster> clusters,
        Duration idleTimeout,
        List<AccessLog> accessLog) {
      this(statPrefix, clusters, idleTimeout, accessLog, false);
    }

    /** The same, with clients sticking to hosts by their address. */
    public TcpProxy stickingBySourceIp() {
      return new TcpProxy(statPrefix, clusters, idleTimeout, accessLog, true);
    }

    public TcpProxy(
        String statPrefix,
        List<WeightedCluster> clusters,
        Duration idleTimeout,
        boolean accessLog) {
      this(statPrefix, clusters, idleTimeout, accessLog ? List.of(AccessLog.STDOUT) : List.of());
    }
  }

  /** {@code codec_type}. */
  enum Codec {
    AUTO,
    HTTP1,
    HTTP2
  }

  /** {@code forward_client_cert_details}. */
  enum ForwardClientCert {
    SANITIZE,
    APPEND_FORWARD,
    SANITIZE_SET
  }

  /** Where the routes come from. */
  sealed interface Routes {
    record Inline(RouteTableConfig table) implements Routes {}

    /** By RDS name. */
    record Named(String name) implements Routes {}
  }

  /** An HTTP filter before the router. */
  sealed interface HttpFilter {
    /** {@code envoy.filters.http.fault} as switched on by routes. */
    record Fault() implements HttpFilter {}

    /**
     * {@code envoy.filters.http.cors}.
     *
     * @param name routes give it their policies by this name
     */
    record Cors(String name) implements HttpFilter {}

    /**
     * {@code envoy.filters.http.rbac}.
     *
     * @param name routes override it by this name
     */
    record Access(String name, AccessControl control) implements HttpFilter {}

    /** {@code envoy.filters.http.grpc_web}. */
    record GrpcWeb(String name) implements HttpFilter {}

    /** {@code envoy.filters.http.adaptive_concurrency}. */
    record Concurrency(String name, AdaptiveConcurrency settings) implements HttpFilter {}

    /** {@code envoy.filters.http.admission_control}. */
    record Admission(String name, AdmissionControl settings) implements HttpFilter {}
  }
}
