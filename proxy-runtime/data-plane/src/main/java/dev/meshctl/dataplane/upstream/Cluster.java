package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.balance.LocalZone;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.LoadAssignment;
import java.util.Optional;

/**
 * A cluster ready for use.
 *
 * @param id stable over snapshots: the place of its state on each loop
 * @param generation of the configuration that made it: a loop's state never goes back
 * @param endpoints empty for {@link ClusterConfig.Discovery.OriginalDestination}
 * @param tls empty where the transport is plain
 * @param zone where this proxy stands, where the cluster prefers near hosts
 */
public record Cluster(
    int id,
    long generation,
    ClusterConfig config,
    Optional<LoadAssignment> endpoints,
    Optional<Tls> tls,
    Optional<LocalZone> zone) {

  /**
   * TLS towards the cluster: a transport for what each protocol offers by ALPN.
   *
   * @param onlyMeshEndpoints plain to endpoints that do not speak the mesh's TLS
   */
  public record Tls(
      UpstreamTransport http1,
      UpstreamTransport http2,
      UpstreamTransport bytes,
      boolean onlyMeshEndpoints) {}

  /** What is spoken over a connection. */
  public enum Speech {
    HTTP1,
    HTTP2,
    BYTES
  }

  public String name() {
    return config.name();
  }

  /** What an HTTP exchange speaks to this cluster. */
  public Speech speech(boolean downstreamHttp2) {
    return switch (config.protocol()) {
      case HTTP1 -> Speech.HTTP1;
      case HTTP2 -> Speech.HTTP2;
      case DOWNSTREAM -> downstreamHttp2 ? Speech.HTTP2 : Speech.HTTP1;
    };
  }

  /** The protocol is not the cluster's own. */
  public boolean followsDownstream() {
    return config.protocol() == UpstreamProtocol.DOWNSTREAM;
  }

  /** Hosts are told whose connection it is: one serves one client. */
  public boolean tells() {
    return config.upstream().proxyProtocol().isPresent();
  }

  /** {@code transport}, with what the endpoint is told first where it is told anything. */
  public UpstreamTransport telling(UpstreamTransport transport, Optional<ToldClient> client) {
    return config.upstream().proxyProtocol().isEmpty()
        ? transport
        : new UpstreamTransport.Telling(config.upstream().proxyProtocol().get(), client, transport);
  }

  /**
   * How to reach an endpoint, but for what it is told first.
   *
   * @param meshTls the endpoint speaks the mesh's TLS
   */
  public UpstreamTransport transport(boolean meshTls, Speech speech) {
    if (tls.isEmpty() || (tls.get().onlyMeshEndpoints() && !meshTls)) {
      return UpstreamTransport.PLAIN;
    }
    return switch (speech) {
      case HTTP1 -> tls.get().http1();
      case HTTP2 -> tls.get().http2();
      case BYTES -> tls.get().bytes();
    };
  }
}
