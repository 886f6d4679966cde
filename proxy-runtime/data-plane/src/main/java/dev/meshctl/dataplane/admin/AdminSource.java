package dev.meshctl.dataplane.admin;

import dev.meshctl.dataplane.observe.Exposition;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsSnapshot;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;

/**
 * What the admin server asks the proxy.
 *
 * <p>Thread: any but an event loop; calls may come at once and may block.
 */
public interface AdminSource {
  /** As {@code envoy.admin.v3.ServerInfo.State}. */
  enum State {
    LIVE,
    DRAINING,
    PRE_INITIALIZING,
    INITIALIZING
  }

  State state();

  ProxyNode node();

  /** Since the process began. */
  Duration uptime();

  /** The configuration in force. */
  XdsSnapshot config();

  List<ListenerStatus> listeners();

  /** In the order of the configuration, endpoints of all loops added up. */
  List<ClusterStatus> clusters();

  /** Certificates in use, the proxy's own chain first. */
  List<CertificateStatus> certificates();

  /** Tells every counter and gauge. */
  void stats(StatSink sink);

  /** The standard Istio metrics. */
  String metrics(Exposition exposition);

  /**
   * Stops listening; connections go on.
   *
   * @param graceful tell clients to go before sockets close
   */
  void drainListeners(boolean graceful);

  /** Ends the process; returns at once. */
  void quit();

  /** A socket that listens. */
  record ListenerStatus(String name, SocketEndpoint address) {}

  /** A cluster and its hosts. */
  record ClusterStatus(String name, CircuitBreakers limits, List<HostStatus> hosts) {
    public ClusterStatus {
      hosts = List.copyOf(hosts);
    }
  }

  /** One host of a cluster. */
  record HostStatus(
      Endpoint endpoint,
      Locality locality,
      int priority,
      boolean ejected,
      boolean failsChecks,
      long connectionsActive,
      long connectionsTotal,
      long connectFailures,
      long requestsActive,
      long requestsTotal,
      long requestErrors) {}

  /** One certificate chain, or one trust bundle. */
  record CertificateStatus(boolean trustBundle, String name, List<X509Certificate> chain) {
    public CertificateStatus {
      chain = List.copyOf(chain);
    }
  }

  /** Takes statistics under Envoy's names, such as {@code cluster.NAME.upstream_rq_total}. */
  interface StatSink {
    void counter(String name, long value);

    void gauge(String name, long value);
  }
}
