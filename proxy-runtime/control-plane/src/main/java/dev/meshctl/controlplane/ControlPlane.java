package dev.meshctl.controlplane;

import dev.meshctl.controlplane.collect.EdgeWindows;
import dev.meshctl.controlplane.collect.TelemetryIntake;
import dev.meshctl.controlplane.intake.ConfigReader;
import dev.meshctl.controlplane.intake.MeshIntake;
import dev.meshctl.controlplane.query.QueryServer;
import dev.meshctl.controlplane.serve.AdsService;
import dev.meshctl.controlplane.serve.ClientStatusService;
import dev.meshctl.controlplane.serve.MeshSnapshots;
import dev.meshctl.controlplane.serve.ProxySessions;
import dev.meshctl.controlplane.serve.PushSettings;
import dev.meshctl.identity.Caller;
import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.CertificateService;
import dev.meshctl.identity.GrpcTls;
import dev.meshctl.identity.GrpcTransport;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.TokenVerifier;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.retry.Pause;
import io.grpc.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

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

  private final Deque<Runnable> undo = new ArrayDeque<>();
  private final InetSocketAddress grpcAddress;
  private final QueryServer query;

  /**
   * What stays the same for the life of the process.
   *
   * @param configFolder YAML, watched
   * @param inventoryFile JSON of {@link dev.meshctl.model.xds.MeshInventory}, watched; may be
   *     absent
   * @param stateFolder holds the root of trust
   * @param tokenKeyFile public JWK
   * @param grpc and {@code query}: literal addresses; port 0 picks one
   */
  public record Settings(
      String mesh,
      String version,
      String trustDomain,
      Path configFolder,
      Path inventoryFile,
      Path stateFolder,
      Path tokenKeyFile,
      InetSocketAddress grpc,
      InetSocketAddress query,
      Duration certificateLifetime,
      PushSettings push) {}

  /** Time, chance, and how the folder is read. */
  public record Surroundings(
      InstantSource clock, Pause pause, SecureRandom random, ConfigReader reader) {}

  /**
   * Starts everything, or nothing.
   *
   * @throws IdentityException where the state folder cannot be used
   * @throws IOException where an address cannot be bound; the message names it
   */
  public static ControlPlane start(Settings settings, Surroundings surroundings)
      throws IdentityException, IOException {
    Deque<Runnable> undo = new ArrayDeque<>();
    try {
      return new ControlPlane(settings, surroundings, undo);
    } catch (IdentityException | IOException | RuntimeException failed) {
      undo.forEach(Runnable::run);
      throw failed;
    }
  }

  private ControlPlane(Settings settings, Surroundings with, Deque<Runnable> undo)
      throws IdentityException, IOException {
    CertificateAuthority authority =
        CertificateAuthority.open(
            new CertificateAuthority.Settings(
                settings.trustDomain(), settings.stateFolder(), settings.certificateLifetime()),
            with.clock(),
            with.random());
    ServerIdentity identity =
        ServerIdentity.start(
            authority,
            List.of(
                settings.grpc().getAddress().getHostAddress(),
                settings.query().getAddress().getHostAddress()),
            with.clock(),
            with.pause());
    undo.push(identity::close);

    MeshSnapshots snapshots = new MeshSnapshots(authority.trustBundlePem(), settings.push().ttls());
    ProxySessions sessions = new ProxySessions(snapshots, with.clock(), settings.push());
    undo.push(sessions::close);
    EdgeWindows windows = new EdgeWindows(with.clock(), TELEMETRY_KEPT, MAX_EDGES_PER_SECOND);
    MeshAnswers answers = new MeshAnswers(settings, with.clock(), sessions, windows);

    MeshIntake intake =
        MeshIntake.start(
            settings.configFolder(),
            settings.inventoryFile(),
            with.reader(),
            new MeshIntake.Debounce(settings.push().debounceAfter(), settings.push().debounceMax()),
            new Acceptance(snapshots, sessions, answers));
    undo.push(intake::close);
    answers.intake(intake);

    TokenVerifier tokens = new TokenVerifier(settings.tokenKeyFile(), with.clock());
    this.grpcAddress = grpc(settings, undo, authority, identity, tokens, sessions, windows);
    this.query =
        QueryServer.start(settings.query(), identity.current(), tokens, answers, with.pause());
    undo.push(query::close);
    this.undo.addAll(undo);
    LOG.log(
        System.Logger.Level.INFO,
        "mesh {0}: xDS at {1}, queries at {2}",
        settings.mesh(),
        grpcAddress,
        query.address());
  }

  private static InetSocketAddress grpc(
      Settings settings,
      Deque<Runnable> undo,
      CertificateAuthority authority,
      ServerIdentity identity,
      TokenVerifier tokens,
      ProxySessions sessions,
      EdgeWindows windows)
      throws IdentityException, IOException {
    Loops loops = Loops.start(1, "grpc");
    undo.push(loops::close);
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("grpc-", 0).factory());
    undo.push(threads::shutdownNow);
    Server server =
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
            .addService(new AdsService(sessions))
            .addService(new ClientStatusService(sessions))
            .addService(new CertificateService(authority))
            .addService(new TelemetryIntake(windows))
            .build();
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
    undo.push(() -> {
      server.shutdownNow();
      try {
        server.awaitTermination(2, TimeUnit.SECONDS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    });
    return (InetSocketAddress) server.getListenSockets().getFirst();
  }

  /** Where gRPC really listens. */
  public InetSocketAddress grpcAddress() {
    return grpcAddress;
  }

  /** Where queries are really answered. */
  public InetSocketAddress queryAddress() {
    return query.address();
  }

  /** Ends everything, in reverse; proxies keep what they have. */
  @Override
  public void close() {
    while (!undo.isEmpty()) {
      undo.pop().run();
    }
  }
}
