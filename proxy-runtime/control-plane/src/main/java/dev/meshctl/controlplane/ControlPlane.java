package dev.meshctl.controlplane;

import dev.meshctl.controlplane.collect.EdgeWindows;
import dev.meshctl.controlplane.collect.TelemetryIntake;
import dev.meshctl.controlplane.intake.Intake;
import dev.meshctl.controlplane.intake.MeshConfiguration;
import dev.meshctl.controlplane.query.QueryServer;
import dev.meshctl.controlplane.serve.AdsService;
import dev.meshctl.controlplane.serve.CallsUnderWay;
import dev.meshctl.controlplane.serve.ClientStatusService;
import dev.meshctl.controlplane.serve.ProxySessions;
import dev.meshctl.controlplane.serve.PushSettings;
import dev.meshctl.controlplane.serve.encoded.MeshSnapshots;
import dev.meshctl.controlplane.serve.encoded.SnapshotSource;
import dev.meshctl.identity.Caller;
import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.CertificateLedger;
import dev.meshctl.identity.CertificateService;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.identity.GrpcTls;
import dev.meshctl.identity.GrpcTransport;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.identity.Tokens;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.retry.Pause;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The control plane of one mesh: serves xDS, certificates and telemetry over gRPC, and queries over
 * HTTPS, from {@link #start} until {@link #close}.
 *
 * <p>Thread: any.
 */
public final class ControlPlane implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ControlPlane.class.getName());
  private static final Duration TELEMETRY_KEPT = Duration.ofMinutes(5);
  private static final int MAX_EDGES_PER_SECOND = 20_000;

  /** A stream is re-authenticated at least this often; the client reconnects without a gap. */
  private static final Duration MAX_CONNECTION_AGE = Duration.ofMinutes(30);

  /** Of calls that were asked for before the end. */
  private static final Duration LAST_CALLS = Duration.ofSeconds(5);

  private final Deque<Runnable> undo = new ArrayDeque<>();
  private final InetSocketAddress grpcAddress;
  private final QueryServer query;
  private final Intake intake;
  private final CurrentIdentity identity;

  /**
   * What stays the same for the life of the process.
   *
   * @param grpc and {@code query}: literal addresses; port 0 picks one
   */
  public record Settings(
      String mesh,
      String version,
      String trustDomain,
      InetSocketAddress grpc,
      InetSocketAddress query,
      ServerNames names,
      Duration certificateLifetime,
      PushSettings push) {}

  /**
   * Who the control plane is to those who call it.
   *
   * @param dnsNames by which they call
   * @param addresses by which they call, beside those that it is bound to; literal
   */
  public record ServerNames(SpiffeId identity, List<String> dnsNames, List<String> addresses) {
    public ServerNames {
      dnsNames = List.copyOf(dnsNames);
      addresses = List.copyOf(addresses);
    }

    /** As meshes on one machine know theirs. */
    public static ServerNames local(String trustDomain) {
      return new ServerNames(
          new SpiffeId(trustDomain, "istio-system", "istiod"),
          List.of("localhost", "istiod.istio-system.svc"),
          List.of());
    }
  }

  /**
   * What differs between a machine and a cluster.
   *
   * @param authority issues the mesh's certificates
   * @param tokens prove who has none yet, and who may ask
   * @param source of configurations
   * @param alsoTold of each configuration, after it is in force
   * @param runtimes empty where none are replaced
   */
  public record Foundations(
      CertificateAuthority authority,
      Tokens tokens,
      Intake.Source source,
      Consumer<MeshConfiguration> alsoTold,
      Optional<Patching.Settings> runtimes) {

    /** Without replacing runtimes. */
    public Foundations(
        CertificateAuthority authority,
        Tokens tokens,
        Intake.Source source,
        Consumer<MeshConfiguration> alsoTold) {
      this(authority, tokens, source, alsoTold, Optional.empty());
    }
  }

  /** Time. */
  public record Surroundings(InstantSource clock, Pause pause) {}

  /**
   * Starts everything, or nothing.
   *
   * @throws IdentityException where the state folder cannot be used
   * @throws IOException where an address cannot be bound; the message names it
   */
  public static ControlPlane start(
      Settings settings, Foundations foundations, Surroundings surroundings)
      throws IdentityException, IOException {
    Deque<Runnable> undo = new ArrayDeque<>();
    try {
      return new ControlPlane(settings, foundations, surroundings, undo);
    } catch (IdentityException | IOException | RuntimeException failed) {
      undo.forEach(Runnable::run);
      throw failed;
    }
  }

  private ControlPlane(Settings settings, Foundations on, Surroundings with, Deque<Runnable> undo)
      throws IdentityException, IOException {
    CertificateAuthority authority = on.authority();
    ServerIdentity identity =
        ServerIdentity.start(
            authority, settings.names(), addresses(settings), with.clock(), with.pause());
    undo.push(identity::close);

    MeshSnapshots snapshots = new MeshSnapshots(authority.trustBundlePem(), settings.push().ttls());
    EdgeWindows windows = new EdgeWindows(with.clock(), TELEMETRY_KEPT, MAX_EDGES_PER_SECOND);
    Optional<Patching> patching =
        on.runtimes().isPresent()
            ? Optional.of(
                Patching.open(
                    on.runtimes().get(), windows, identity.current(), with.clock(), with.pause()))
            : Optional.empty();
    SnapshotSource told = patching.<SnapshotSource>map(p -> p.ordered(snapshots)).orElse(snapshots);
    ProxySessions sessions = new ProxySessions(told, with.clock(), settings.push());
    undo.push(sessions::close);
    patching.ifPresent(p -> {
      undo.push(p::close);
      p.start(sessions);
    });
    CertificateLedger ledger = new CertificateLedger();
    MeshAnswers answers =
        new MeshAnswers(
            settings,
            with.clock(),
            sessions,
            windows,
            new CertificateAnswers(
                authority, ledger, () -> identity.current().current().orElseThrow(), with.clock()));

    Acceptance acceptance = new Acceptance(snapshots, sessions, answers);
    Intake intake =
        on.source()
            .start(
                new Intake.Debounce(settings.push().debounceAfter(), settings.push().debounceMax()),
                acceptance
                    .andThen(fresh -> patching.ifPresent(p -> p.configuration(fresh)))
                    .andThen(on.alsoTold()));
    undo.push(intake::close);
    answers.intake(intake);
    this.intake = intake;
    this.identity = identity.current();

    Tokens tokens = on.tokens();
    List<BindableService> services =
        new ArrayList<>(
            List.of(
                new AdsService(sessions, ledger),
                new ClientStatusService(sessions),
                new CertificateService(authority, ledger),
                new TelemetryIntake(windows)));
    patching.ifPresent(p -> services.add(p.service()));
    this.grpcAddress = grpc(settings, undo, authority, identity, tokens, services, sessions);
    this.query =
        QueryServer.start(
            settings.query(),
            identity.current(),
            tokens,
            answers,
            with.pause(),
            patching.map(p -> p.desk(with.clock())));
    undo.push(query::close);
    this.undo.addAll(undo);
    LOG.log(
        System.Logger.Level.INFO,
        "mesh {0}: xDS at {1}, queries at {2}",
        settings.mesh(),
        grpcAddress,
        query.address());
  }

  /** Nobody calls a server at the address that stands for all of them. */
  private static List<String> addresses(Settings settings) {
    return Stream.concat(
            settings.names().addresses().stream(),
            Stream.of(settings.grpc().getAddress(), settings.query().getAddress())
                .filter(address -> !address.isAnyLocalAddress())
                .map(InetAddress::getHostAddress))
        .distinct()
        .toList();
  }

  private static InetSocketAddress grpc(
      Settings settings,
      Deque<Runnable> undo,
      CertificateAuthority authority,
      ServerIdentity identity,
      Tokens tokens,
      List<BindableService> services,
      ProxySessions sessions)
      throws IdentityException, IOException {
    Loops loops = Loops.start(1, "grpc");
    undo.push(loops::close);
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("grpc-", 0).factory());
    undo.push(threads::shutdownNow);
    CallsUnderWay underWay = new CallsUnderWay();
    ServerBuilder<?> builder =
        GrpcTransport.server(
                settings.grpc(),
                GrpcTls.server(identity.current(), authority.trustBundle()),
                loops,
                threads)
            .maxConnectionAge(
                Math.min(MAX_CONNECTION_AGE.toMillis(), settings.certificateLifetime().toMillis()),
                TimeUnit.MILLISECONDS)
            .maxConnectionAgeGrace(1, TimeUnit.SECONDS)
            .intercept(Caller.interceptor(tokens))
            .intercept(underWay);
    services.forEach(builder::addService);
    Server server = builder.build();
    try {
      server.start();
    } catch (IOException taken) {
      Throwable cause = taken.getCause() == null ? taken : taken.getCause();
      throw new IOException(
          "xDS cannot listen at "
              + settings.grpc().getHostString()
              + ":"
              + settings.grpc().getPort()
              + ": "
              + cause.getMessage()
              + "; stop what has the port, or choose another",
          taken);
    }
    undo.push(() -> end(server, sessions, underWay));
    return (InetSocketAddress) server.getListenSockets().getFirst();
  }

  /**
   * Takes nothing new (GOAWAY), sends proxies away, and lets what comes to an end by itself come to
   * it; who reports all the time is cut off.
   */
  private static void end(Server server, ProxySessions sessions, CallsUnderWay underWay) {
    server.shutdown();
    sessions.sendAway();
    try {
      underWay.awaitNone(LAST_CALLS);
      server.shutdownNow();
      server.awaitTermination(2, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** Where gRPC really listens. */
  public InetSocketAddress grpcAddress() {
    return grpcAddress;
  }

  /** Where queries are really answered. */
  public InetSocketAddress queryAddress() {
    return query.address();
  }

  /** A configuration is in force: proxies that come now are told all of it. */
  public boolean isReady() {
    return intake.status().generation() > 0;
  }

  /** What it presents to those who call it, the newest at each moment. */
  public CurrentIdentity identity() {
    return identity;
  }

  /** Ends everything, in reverse; proxies keep what they have. */
  @Override
  public void close() {
    while (!undo.isEmpty()) {
      undo.pop().run();
    }
  }
}
