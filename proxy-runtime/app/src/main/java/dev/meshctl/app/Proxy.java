package dev.meshctl.app;

import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.app.patch.BundleClient;
import dev.meshctl.app.patch.Generation;
import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.identity.GrpcTls;
import dev.meshctl.identity.GrpcTransport;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.Pem;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.identity.WorkloadIdentity;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.net.handover.Handed;
import dev.meshctl.net.handover.Inheritance;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.xdsclient.AdsClient;
import dev.meshctl.xdsclient.ConfigSink;
import io.grpc.ManagedChannel;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
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
import java.util.concurrent.locks.LockSupport;

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
  private final TrustFile trust;
  private final InetSocketAddress discovery;
  private final SecureRandom random;
  private final AtomicBoolean first = new AtomicBoolean(true);
  private final WorkloadIdentity identity;
  private final Optional<Succession> succession;

  /** Empty while another process answers at its addresses. */
  private volatile Optional<Doors> doors = Optional.empty();

  /** What begins with the first identity; guarded by this. */
  private Optional<Configured> configured = Optional.empty();

  private volatile boolean ending;
  private boolean closed;

  /**
   * @param ads empty while another process of this proxy asks for configuration
   */
  private record Configured(
      ManagedChannel channel, Optional<AdsClient> ads, TelemetryReporter telemetry) {}

  private Proxy(ProxyBootstrap bootstrap, Optional<Generation> generation)
      throws IdentityException {
    this.bootstrap = bootstrap;
    this.trust = TrustFile.open(Path.of(bootstrap.trustBundleFile()));
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
                bootstrap.node().id(),
                Path.of(bootstrap.tokenFile()),
                Duration.ZERO,
                Backoff.RECONNECT),
            new WorkloadIdentity.Surroundings(InstantSource.system(), Thread::sleep, random),
            new Channels(),
            current);
    DataPlane.Settings settings =
        new DataPlane.Settings(
            bootstrap.node(),
            bootstrap.workerThreads(),
            Addresses.optional("adminAddress", bootstrap.adminAddress()),
            Addresses.optional("dnsAddress", bootstrap.dnsAddress()),
            bootstrap.accessLog(),
            Duration.ofSeconds(bootstrap.drainSeconds()));
    if (generation.flatMap(Generation::predecessor).isPresent()) {
      this.dataPlane = DataPlane.standBy(settings, Optional.empty());
    } else {
      this.dataPlane = DataPlane.start(settings, Optional.empty());
      this.doors = Optional.of(Doors.open(loops, bootstrap, this::ready, Inheritance.none()));
    }
    this.succession =
        generation.map(each -> Succession.begin(each, loops, dataPlane, new OwnPlace(), random));
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
    return new Proxy(bootstrap, Optional.empty());
  }

  /** The same as one of several generations of one proxy. */
  static Proxy start(ProxyBootstrap bootstrap, Optional<Generation> generation)
      throws IdentityException {
    return new Proxy(bootstrap, generation);
  }

  /** Whether new connections should come here. */
  private boolean ready() {
    return !ending && dataPlane.ready();
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
    succession.ifPresent(each ->
        each.follow(bootstrap.node().id(), new BundleClient(channel, Thread::sleep, random)));
    TelemetryReporter telemetry =
        TelemetryReporter.start(
            bootstrap.node().id(),
            dataPlane::drainTelemetry,
            channel,
            InstantSource.system(),
            Thread::sleep);
    configured = Optional.of(new Configured(channel, Optional.of(ask(channel)), telemetry));
  }

  private AdsClient ask(ManagedChannel channel) {
    Set<ResourceType> wildcards = EnumSet.of(ResourceType.CLUSTER, ResourceType.LISTENER);
    if (!bootstrap.dnsAddress().isEmpty()) {
      wildcards.add(ResourceType.NAMES);
    }
    if (succession.isPresent()) {
      wildcards.add(ResourceType.RUNTIME);
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
            new Sink());
    dataPlane.origins((type, name) -> Optional.of(ads.version(type, name).orElse("")));
    return ads;
  }

  /** The data plane, with an eye on orders and on the roots of the mesh. */
  private final class Sink implements ConfigSink {
    private String roots = "";

    @Override
    public List<Rejection> accept(XdsSnapshot snapshot) {
      succession.ifPresent(told -> told.ordered(snapshot));
      List<Rejection> rejections = dataPlane.accept(snapshot);
      succession.ifPresent(Succession::configured);
      if (snapshot.of(ResourceType.SECRET).get(SecretConfig.TRUST_BUNDLE)
              instanceof SecretConfig(var name, SecretConfig.Material.TrustBundle(var pem))
          && !pem.equals(roots)) {
        roots = pem;
        renewFor(pem);
      }
      return rejections;
    }

    /** The first root is that of certificates issued from now on: ours is to be of it. */
    private void renewFor(String pem) {
      try {
        X509Certificate signing = Pem.certificates(pem).getFirst();
        if (identity.current().current().stream()
            .anyMatch(own -> !own.trustBundle().contains(signing))) {
          identity.renew();
        }
      } catch (CertificateException unreadable) {
        // The data plane has refused it, and says so.
      }
    }

    @Override
    public void unreadable(Rejection rejection, String version) {
      dataPlane.unreadable(rejection, version);
    }

    @Override
    public void mended(ResourceType type, String name) {
      dataPlane.mended(type, name);
    }
  }

  private final class OwnPlace implements Succession.Place {
    @Override
    public void open(Inheritance inheritance) {
      doors = Optional.of(Doors.open(loops, bootstrap, Proxy.this::ready, inheritance));
    }

    @Override
    public List<Handed> handed() {
      return doors.map(Doors::handed).orElse(List.of());
    }

    @Override
    public void serving(boolean on) {
      doors.ifPresent(each -> each.serving(on));
    }

    @Override
    public void listening(boolean on) {
      Optional<AdsClient> ended = Optional.empty();
      synchronized (Proxy.this) {
        Configured now = configured.orElse(null);
        if (closed || now == null || now.ads.isPresent() == on) {
          return;
        }
        ended = now.ads;
        configured =
            Optional.of(
                new Configured(
                    now.channel,
                    on ? Optional.of(ask(now.channel)) : Optional.empty(),
                    now.telemetry));
      }
      ended.ifPresent(AdsClient::close);
    }
  }

  /** Lingers, drains, reports the last counts, ends. */
  @Override
  public void close() {
    ending = true;
    linger();
    Optional<Configured> running;
    synchronized (this) {
      closed = true;
      running = configured;
    }
    succession.ifPresent(Succession::close);
    doors.ifPresent(Doors::close);
    identity.close();
    running.flatMap(Configured::ads).ifPresent(AdsClient::close);
    dataPlane.close();
    running.ifPresent(r -> {
      r.telemetry.close();
      r.channel.shutdownNow();
    });
    threads.shutdownNow();
    loops.close();
  }

  /** With configuration that is kept up to date, unlike while requests end. */
  private void linger() {
    if (bootstrap.lingerSeconds() == 0) {
      return;
    }
    dataPlane.linger();
    long until = System.nanoTime() + Duration.ofSeconds(bootstrap.lingerSeconds()).toNanos();
    for (long left = 1; left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private ManagedChannel channel(Optional<CurrentIdentity> as) throws IdentityException {
    SslContext tls = GrpcTls.client(trust::roots, as);
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
}
