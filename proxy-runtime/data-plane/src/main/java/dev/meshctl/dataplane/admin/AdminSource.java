package dev.meshctl.dataplane.admin;

import dev.meshctl.dataplane.observe.Exposition;
import dev.meshctl.dataplane.observe.TimeBuckets;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsSnapshot;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

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

  /** Where a resource in force came from, and when. */
  Provenance provenance(ResourceType type, String name);

  /** What was refused and is not mended yet. */
  List<Refused> refused();

  /** When the process began. */
  Instant started();

  /** Where the admin server was told to listen. */
  Optional<SocketEndpoint> adminAddress();

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
   * @param inboundOnly only those of traffic to this workload
   */
  void drainListeners(boolean graceful, boolean inboundOnly);

  /** Opens the files of access logs anew. */
  void reopenLogs();

  /** Ends the process; returns at once. */
  void quit();

  /**
   * Where a resource came from.
   *
   * @param version by which a server knows it; empty for what is static
   * @param updated when it came in force
   */
  record Provenance(Optional<String> version, Instant updated) {}

  /**
   * A resource that was refused, {@code reason} says why.
   *
   * @param version may be empty
   */
  record Refused(ResourceType type, String name, String version, String reason, Instant when) {}

  /** A socket that listens. */
  record ListenerStatus(String name, SocketEndpoint address) {}

  /**
   * A cluster and its hosts.
   *
   * @param dynamic a server brought it
   */
  record ClusterStatus(
      String name, boolean dynamic, CircuitBreakers limits, List<HostStatus> hosts) {
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
      long requestErrors,
      long requestsWaiting,
      long requestTimeouts) {}

  /** One certificate chain, or one trust bundle. */
  record CertificateStatus(boolean trustBundle, String name, List<X509Certificate> chain) {
    public CertificateStatus {
      chain = List.copyOf(chain);
    }
  }

  /** Takes statistics under Envoy's names, such as {@code cluster.NAME.upstream_rq_total}. */
  interface StatSink {
    void counter(StatName name, long value);

    void gauge(StatName name, long value);

    void times(StatName name, TimeBuckets.Sum sum);

    default void counter(String name, long value) {
      counter(StatName.of(name), value);
    }

    default void gauge(String name, long value) {
      gauge(StatName.of(name), value);
    }
  }
}
