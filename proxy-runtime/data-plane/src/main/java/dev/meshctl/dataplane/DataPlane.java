package dev.meshctl.dataplane;

import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.tls.IdentityMaterial;
import dev.meshctl.xdsclient.ConfigSink;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The proxy of one workload or gateway. Does nothing until {@link #accept} brings the first
 * configuration.
 *
 * <p>Thread: any, except its own event loops.
 */
public final class DataPlane implements ConfigSink, AutoCloseable {
  private final Loops loops;

  private DataPlane(Loops loops) {
    this.loops = loops;
  }

  /**
   * What stays the same for the life of the process.
   *
   * @param workerThreads event loops, at least 1
   * @param admin address of the admin server, port 0 picks one; empty for none
   * @param dns address of the mesh DNS; empty for none
   * @param accessLog file, {@code -} for standard output, empty for none
   * @param drainDeadline how long requests may take to end after {@link #close}
   */
  public record Settings(
      ProxyNode node,
      int workerThreads,
      Optional<SocketEndpoint> admin,
      Optional<SocketEndpoint> dns,
      String accessLog,
      Duration drainDeadline) {}

  /**
   * Starts loops, admin server and DNS.
   *
   * @param identity empty where no TLS of ours is configured; resources that need it are rejected
   */
  public static DataPlane start(Settings settings, Optional<IdentityMaterial> identity) {
    return new DataPlane(Loops.start(settings.workerThreads(), "proxy"));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Sockets of unchanged listeners stay; a port that cannot be bound rejects its listener.
   */
  @Override
  public List<Rejection> accept(XdsSnapshot snapshot) {
    return List.of();
  }

  /** New connections use {@code identity}; open ones keep theirs. */
  public void updateIdentity(IdentityMaterial identity) {}

  /** What was measured since the last call, all loops together. */
  public List<EdgeSample> drainTelemetry() {
    return List.of();
  }

  /** A first configuration is in force. */
  public boolean ready() {
    return false;
  }

  /** Where the admin server listens, empty for none. */
  public Optional<InetSocketAddress> adminAddress() {
    return Optional.empty();
  }

  /** Listener name to the address it really listens at (a port 0 resolved). */
  public Map<String, InetSocketAddress> listenAddresses() {
    return Map.of();
  }

  /**
   * Stops listening, lets requests end (GOAWAY, {@code Connection: close}) until the drain
   * deadline, then closes everything. Blocks until done.
   */
  @Override
  public void close() {
    loops.close();
  }
}
