package dev.meshctl.app;

import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.dataplane.admin.HealthServer;
import dev.meshctl.dataplane.probe.ProbeServer;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.identity.GrpcTls;
import dev.meshctl.identity.GrpcTransport;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.Pem;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.identity.WorkloadIdentity;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.xdsclient.AdsClient;
import io.grpc.ManagedChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A proxy, wired: identity first, then configuration; telemetry as long as it runs.
 *
 * <p>Thread: any. Control traffic has one event loop of its own, so that a slow handshake with the
 * control plane never stands before a request.
 */
final class Proxy implements AutoCloseable {
  private static final Duration WARM_TIMEOUT = Duration.ofSeconds(15);

  private final DataPlane dataPlane;
  private final Loops loops;
  private final ExecutorService threads;
  private final ProxyBootstrap bootstrap;
  private final List<X509Certificate> trust;
  private final InetSocketAddress discovery;
  private final SecureRandom random;
  private final AtomicBoolean first = new AtomicBoolean(true);
  private final WorkloadIdentity identity;
  private final Optional<HealthServer> health;
  private final Optional<ProbeServer> probes;

  /** What begins with the first identity; guarded by this. */
  private Optional<Configured> configured = Optional.empty();

  private boolean closed;

  private record Configured(ManagedChannel channel, AdsClient ads, TelemetryReporter telemetry) {}

  private Proxy(ProxyBootstrap bootstrap) throws IdentityException {
    this.bootstrap = bootstrap;
    this.trust = trustBundle(Path.of(bootstrap.trustBundleFile()));
    this.discovery = Addresses.resolve("discoveryAddress", bootstrap.discoveryAddress());
    this.random = new SecureRandom();
    this.loops = Loops.start(1, "control");
    this.threads = Executors.newVirtualThreadPerTaskExecutor();
    CurrentIdentity current = new CurrentIdentity();
    // The question for the certificate travels while the data plane starts.
    this.identity =
        WorkloadIdentity.start(
            new WorkloadIdentity.Settings(
                new SpiffeId(
                    bootstrap.trustDomain(),
                    bootstrap.node().namespace(),
                    bootstrap.node().serviceAccount()),
                Path.of(bootstrap.tokenFile()),
                Duration.ZERO,
                Backoff.RECONNECT),
            new WorkloadIdentity.Surroundings(InstantSource.system(), Thread::sleep, random),
            new Channels(),
            current);
    this.dataPlane =
        DataPlane.start(
            new DataPlane.Settings(
                bootstrap.node(),
                bootstrap.workerThreads(),
                Addresses.optional("adminAddress", bootstrap.adminAddress()),
                Addresses.optional("dnsAddress", bootstrap.dnsAddress()),
                bootstrap.accessLog(),
                Duration.ofSeconds(bootstrap.drainSeconds())),
            Optional.empty());
    this.health = startHealth(bootstrap.healthAddress());
    this.probes = startProbes(bootstrap);
    current.subscribe(material -> {
      dataPlane.updateIdentity(material);
      if (first.getAndSet(false)) {
        configure(current);
      }
    });
  }

  /**
   * Starts; asks for identity and configuration until both are there.
   *
   * @throws IdentityException where the trust bundle cannot be used
   */
  static Proxy start(ProxyBootstrap bootstrap) throws IdentityException {
    return new Proxy(bootstrap);
  }

  private Optional<HealthServer> startHealth(String address) {
    return Addresses.optional("healthAddress", address)
        .map(at -> {
          try {
            return HealthServer.start(loops, at, dataPlane::ready);
          } catch (IOException taken) {
            throw new UncheckedIOException(
                new IOException("healthAddress: " + address + ": " + taken.getMessage(), taken));
          }
        });
  }

  private Optional<ProbeServer> startProbes(ProxyBootstrap bootstrap) {
    String address = bootstrap.probeAddress();
    return Addresses.optional("probeAddress", address)
        .map(at -> {
          try {
            return ProbeServer.start(
                loops, at, WorkloadProbes.workload(bootstrap.node()), WorkloadProbes.of(bootstrap));
          } catch (IOException taken) {
            throw new UncheckedIOException(
                new IOException("probeAddress: " + address + ": " + taken.getMessage(), taken));
          }
        });
  }

  DataPlane dataPlane() {
    return dataPlane;
  }

  private synchronized void configure(CurrentIdentity current) {
    if (closed) {
      return;
    }
    ManagedChannel channel;
    try {
      channel = channel(Optional.of(current));
    } catch (IdentityException unusable) {
      throw new IllegalStateException("TLS worked a moment ago", unusable);
    }
    Set<ResourceType> wildcards = EnumSet.of(ResourceType.CLUSTER, ResourceType.LISTENER);
    if (!bootstrap.dnsAddress().isEmpty()) {
      wildcards.add(ResourceType.NAMES);
    }
    AdsClient ads =
        AdsClient.start(
            new AdsClient.Settings(
                bootstrap.node().with(ProxyNode.Feature.SPLIT_TABLES),
                wildcards,
                Backoff.RECONNECT,
                WARM_TIMEOUT),
            new AdsClient.Surroundings(Thread::sleep, random),
            channel,
            dataPlane);
    dataPlane.origins((type, name) -> Optional.of(ads.version(type, name).orElse("")));
    TelemetryReporter telemetry =
        TelemetryReporter.start(
            bootstrap.node().id(),
            dataPlane::drainTelemetry,
            channel,
            InstantSource.system(),
            Thread::sleep);
    configured = Optional.of(new Configured(channel, ads, telemetry));
  }

  /** Drains, reports the last counts, ends. */
  @Override
  public void close() {
    Optional<Configured> running;
    synchronized (this) {
      closed = true;
      running = configured;
    }
    health.ifPresent(HealthServer::close);
    probes.ifPresent(ProbeServer::close);
    identity.close();
    running.ifPresent(r -> r.ads.close());
    dataPlane.close();
    running.ifPresent(r -> {
      r.telemetry.close();
      r.channel.shutdownNow();
    });
    threads.shutdownNow();
    loops.close();
  }

  private ManagedChannel channel(Optional<CurrentIdentity> as) throws IdentityException {
    SslContext tls = GrpcTls.client(trust, as);
    return GrpcTransport.channel(discovery, tls, loops, threads);
  }

  private final class Channels implements WorkloadIdentity.Channels {
    @Override
    public ManagedChannel anonymous() throws IdentityException {
      return channel(Optional.empty());
    }

    @Override
    public ManagedChannel authenticated(CurrentIdentity own) throws IdentityException {
      return channel(Optional.of(own));
    }
  }

  private static List<X509Certificate> trustBundle(Path file) throws IdentityException {
    try {
      return Pem.certificates(Files.readString(file));
    } catch (IOException | CertificateException unusable) {
      throw new IdentityException(
          file
              + ": cannot be used as the trust bundle that verifies the control plane: "
              + unusable.getMessage()
              + "; write the control plane's root-cert.pem there",
          unusable);
    }
  }
}
