package dev.meshctl.dataplane;

import dev.meshctl.dataplane.dns.MeshDns;
import dev.meshctl.dataplane.dns.ResolverFile;
import dev.meshctl.dataplane.listener.CompiledListener;
import dev.meshctl.dataplane.listener.Listeners;
import dev.meshctl.dataplane.live.ConfigJournal;
import dev.meshctl.dataplane.live.LiveConfig;
import dev.meshctl.dataplane.live.ResolvedNames;
import dev.meshctl.dataplane.live.SnapshotCompiler;
import dev.meshctl.dataplane.observe.Exposition;
import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import dev.meshctl.dataplane.observe.Telemetry;
import dev.meshctl.dataplane.observe.log.LogTargets;
import dev.meshctl.dataplane.resilience.ConnectionGate;
import dev.meshctl.dataplane.resilience.MemoryGauge;
import dev.meshctl.dataplane.resilience.OpenFiles;
import dev.meshctl.dataplane.resilience.OverloadState;
import dev.meshctl.dataplane.resilience.ProcessMemory;
import dev.meshctl.dataplane.stack.Connections;
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.xds.Home;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.OverloadConfig;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.net.handover.Handed;
import dev.meshctl.net.handover.Inheritance;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.loop.Transport;
import dev.meshctl.net.tls.IdentityMaterial;
import dev.meshctl.xdsclient.ConfigSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The proxy of one workload or gateway. Does nothing until {@link #accept} brings the first
 * configuration.
 *
 * <p>Thread: any, except its own event loops.
 */
public final class DataPlane implements ConfigSink, AutoCloseable {
  private static final InstantSource CLOCK = InstantSource.system();
  private static final Duration TELEMETRY_PATIENCE = Duration.ofMillis(500);
  private static final Duration DNS_PATIENCE = Duration.ofSeconds(2);
  private static final String CLUSTER_DOMAIN = "cluster.local";

  private final Settings settings;
  private final Crew crew;
  private final Connections connections;
  private final Listeners listeners;
  private final ConnectionGate gate;
  private final OverloadWatch overload;
  private final Telemetry telemetry;
  private final ResolvedNames names = new ResolvedNames(this::recompile);
  private final ConfigJournal journal = new ConfigJournal(CLOCK);
  private final Instant started = CLOCK.instant();
  private final SnapshotCompiler compiler;
  private volatile Origins origins = (type, name) -> Optional.of("");
  private volatile LiveConfig live = LiveConfig.EMPTY;
  private volatile String ownUri = "";
  private volatile XdsSnapshot last = XdsSnapshot.EMPTY;
  private volatile boolean configured;
  private volatile Optional<IdentityMaterial> identity;
  private volatile boolean draining;
  private volatile Runnable onQuit = this::close;
  private final LogTargets logs;
  private final LateLogs lateLogs;
  private volatile Optional<MeshDns> dns = Optional.empty();
  private final AdminPlace admin;
  private boolean closed;

  /** Another process has our sockets: nothing is bound or closed, and no configuration is taken. */
  private boolean shared;

  private boolean retired;

  /** We are to take another's place, and have nothing yet. */
  private boolean standBy;

  private DataPlane(
      Settings settings,
      Optional<IdentityMaterial> identity,
      Function<Loops, MemoryGauge> memory,
      boolean standBy) {
    this.settings = settings;
    this.standBy = standBy;
    this.identity = identity;
    this.logs = openLogs(settings.accessLog());
    this.crew = Crew.start(settings.workerThreads(), self(settings.node()));
    this.lateLogs = new LateLogs(crew.first().loop());
    long most = settings.overload().maxConnections();
    this.gate = new ConnectionGate(most > 0 ? most : OpenFiles.connections());
    this.connections =
        new Connections(
            settings.node(),
            () -> live,
            () -> ownUri,
            crew.workerByLoop(),
            crew.connectionsByLoop(),
            gate);
    this.listeners = new Listeners(crew.loops(), connections, standBy);
    this.overload =
        new OverloadWatch(
            settings.overload(), memory.apply(crew.loops()), crew.workerByLoop(), listeners);
    overload.begin(crew.first().loop());
    this.telemetry = new Telemetry(crew.meters(), TELEMETRY_PATIENCE);
    this.compiler = new SnapshotCompiler(identity, names, settings.home(), journal, logs);
    this.ownUri = compiler.ownUri();
    this.admin = new AdminPlace(settings.admin(), new Inspection(this));
    if (!standBy) {
      this.dns = startDns(Inheritance.none());
      startAdmin();
    }
  }

  private static LogTargets openLogs(String own) {
    try {
      return new LogTargets(own);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Optional<MeshDns> startDns(Inheritance inheritance) {
    if (settings.dns().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          MeshDns.start(
              new MeshDns.Settings(
                  settings.dns().get(),
                  settings.node().namespace(),
                  CLUSTER_DOMAIN,
                  ResolverFile.nameservers(ResolverFile.SYSTEM),
                  DNS_PATIENCE),
              crew.first().loop(),
              crew.loops().transport(),
              new SecureRandom(),
              crew.first().worker().counters(),
              inheritance));
    } catch (IOException e) {
      crew.close();
      throw new UncheckedIOException(e);
    }
  }

  private void startAdmin() {
    try {
      admin.open();
    } catch (IOException e) {
      dns.ifPresent(MeshDns::close);
      crew.close();
      throw new UncheckedIOException(e);
    }
  }

  private static WorkloadRef self(ProxyNode node) {
    return new WorkloadRef(
        node.workload(),
        node.namespace(),
        node.labels().getOrDefault("app", node.workload()),
        node.labels().getOrDefault("version", ""));
  }

  /**
   * What stays the same for the life of the process.
   *
   * @param workerThreads event loops, at least 1
   * @param admin address of the admin server, port 0 picks one; empty for none
   * @param dns address of the mesh DNS; empty for none
   * @param accessLog in Istio's format, for listeners that name no log of their own: a file, {@code
   *     -} for standard output, empty for none
   * @param drainDeadline how long requests may take to end after {@link #close}
   * @param overload when the process protects itself
   * @param home where it stands
   */
  public record Settings(
      ProxyNode node,
      int workerThreads,
      Optional<SocketEndpoint> admin,
      Optional<SocketEndpoint> dns,
      String accessLog,
      Duration drainDeadline,
      OverloadConfig overload,
      Home home) {
    public Settings(
        ProxyNode node,
        int workerThreads,
        Optional<SocketEndpoint> admin,
        Optional<SocketEndpoint> dns,
        String accessLog,
        Duration drainDeadline,
        OverloadConfig overload) {
      this(node, workerThreads, admin, dns, accessLog, drainDeadline, overload, Home.NONE);
    }

    public Settings(
        ProxyNode node,
        int workerThreads,
        Optional<SocketEndpoint> admin,
        Optional<SocketEndpoint> dns,
        String accessLog,
        Duration drainDeadline) {
      this(node, workerThreads, admin, dns, accessLog, drainDeadline, OverloadConfig.DEFAULT);
    }
  }

  /**
   * Starts loops, admin server and DNS.
   *
   * @param identity empty where no TLS of ours is configured; resources that need it are rejected
   * @throws UncheckedIOException where log, DNS or admin address cannot be opened
   */
  public static DataPlane start(Settings settings, Optional<IdentityMaterial> identity) {
    return new DataPlane(settings, identity, loops -> new ProcessMemory(loops.allocator()), false);
  }

  /**
   * Starts loops alone: it takes configuration, but opens no address before {@link #takeOver}.
   *
   * @param identity as {@link #start} has it
   */
  public static DataPlane standBy(Settings settings, Optional<IdentityMaterial> identity) {
    return new DataPlane(settings, identity, loops -> new ProcessMemory(loops.allocator()), true);
  }

  /** {@link #start} with a memory of another's. */
  static DataPlane start(
      Settings settings, Optional<IdentityMaterial> identity, MemoryGauge memory) {
    return new DataPlane(settings, identity, loops -> memory, false);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Sockets of unchanged listeners stay; a port that cannot be bound rejects its listener.
   */
  @Override
  public synchronized List<Rejection> accept(XdsSnapshot snapshot) {
    if (!awaitAlone() || closed) {
      return List.of();
    }
    last = snapshot;
    List<Rejection> rejections =
        put(standBy ? SelfTest.beside(snapshot) : snapshot, listeners::apply);
    configured = true;
    lateLogs.add(logs.unnamed());
    journal.refused(rejections);
    return rejections;
  }

  /** Who opens and closes sockets. */
  private interface Listening {
    List<Listeners.Failure> apply(List<ListenerConfig> wanted);
  }

  private List<Rejection> put(XdsSnapshot snapshot, Listening listening) {
    SnapshotCompiler.Compiled compiled = compiler.compile(snapshot);
    List<Rejection> rejections = new ArrayList<>(compiled.rejections());
    List<ListenerConfig> wanted =
        compiled.config().bound().stream().map(CompiledListener::config).toList();
    // In this order no accepted connection meets a listener that the configuration lacks.
    listeners.retain(wanted);
    live = compiled.config();
    compiled.config().names().ifPresent(table -> dns.ifPresent(server -> server.update(table)));
    for (Listeners.Failure failure : listening.apply(wanted)) {
      rejections.add(new Rejection(ResourceType.LISTENER, failure.listener(), failure.reason()));
    }
    Set<Integer> ids =
        compiled.config().clusters().values().stream().map(Cluster::id).collect(Collectors.toSet());
    crew.each(hand -> {
      hand.worker().retain(ids);
      hand.worker().watch(compiled.config().clusters().values());
      connections.reconcile(hand.loop());
    });
    return List.copyOf(rejections);
  }

  @Override
  public void unreadable(Rejection rejection, String version) {
    journal.unreadable(rejection, version);
  }

  @Override
  public void mended(ResourceType type, String name) {
    journal.mended(type, name);
  }

  /** The same snapshot with new facts: an identity, an address behind a name. */
  private synchronized void recompile() {
    if (configured && !shared) {
      accept(last);
    }
  }

  /** False where the wait was given up, with the thread's interrupt kept. */
  private synchronized boolean awaitAlone() {
    try {
      while (shared && !closed) {
        wait();
      }
      return true;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  // ---- one process in the place of another

  /**
   * The sockets that we listen with, for the process that is to take our place. Until {@link #goOn}
   * we accept as before, but bind and close nothing: a new configuration waits.
   */
  public synchronized List<Handed> handOver() {
    shared = true;
    List<Handed> all = new ArrayList<>(listeners.handed());
    dns.ifPresent(server -> all.addAll(server.handed()));
    return all;
  }

  /**
   * Takes no new connection or query; those that are open end without a request being lost. The
   * admin address is free.
   */
  public synchronized void retire() {
    retired = true;
    draining = true;
    listeners.serving(false);
    dns.ifPresent(server -> server.serving(false));
    crew.each(hand -> hand.connections().retire());
    admin.free();
  }

  /**
   * Goes on to accept, each connection for what it asks first: who sends here has not heard yet
   * that this ends. {@link #close} is next.
   */
  public void linger() {
    draining = true;
    crew.each(hand -> hand.connections().retire());
  }

  /** The other process is gone: everything is ours alone again, as if it had never been there. */
  public synchronized void goOn() {
    if (closed || !(shared || retired)) {
      return;
    }
    shared = false;
    retired = false;
    draining = false;
    crew.each(hand -> hand.connections().goOn());
    listeners.serving(true);
    dns.ifPresent(server -> server.serving(true));
    notifyAll();
    recompile();
    admin.openWhenFree();
  }

  /**
   * Asks ourselves for an answer, over a socket of our own and on the way of all requests.
   *
   * @return what went wrong, empty where all is well
   * @throws IllegalStateException where we are not on stand-by, or not {@link #ready}
   */
  public Optional<String> selfTest(Duration patience) {
    InetSocketAddress probe = listenAddresses().get(Listeners.PROBE);
    if (probe == null) {
      throw new IllegalStateException("no listener to test (expected: on stand-by and configured)");
    }
    return SelfTest.ask(probe, patience);
  }

  /**
   * Ends the stand-by: listens with what {@code inheritance} brings and binds the rest.
   *
   * @return empty where all of it accepts now; otherwise none does, and this is of no use any more
   */
  public synchronized List<Rejection> takeOver(Inheritance inheritance) {
    standBy = false;
    List<Listeners.Failure> failed = new ArrayList<>();
    try (inheritance) {
      List<Rejection> rejections =
          put(
              last,
              wanted -> {
                failed.addAll(listeners.takeOver(wanted, inheritance));
                return List.of();
              });
      // Those before us listen there, and we would not.
      for (Rejection each : rejections) {
        inheritance
            .take(
                socket -> socket.use() == Handed.Use.LISTENER && socket.name().equals(each.name()))
            .forEach(descriptor -> {
              Transport.close(descriptor);
              failed.add(new Listeners.Failure(each.name(), each.reason()));
            });
      }
      if (failed.isEmpty()) {
        dns = startDns(inheritance);
        live.names().ifPresent(table -> dns.ifPresent(server -> server.update(table)));
        listeners.serving(true);
        dns.ifPresent(server -> server.serving(true));
        admin.openWhenFree();
      }
    }
    return failed.stream()
        .map(each -> new Rejection(ResourceType.LISTENER, each.listener(), each.reason()))
        .toList();
  }

  /** Whether every loop does what it is asked, within {@code patience}. */
  public boolean responds(Duration patience) {
    return crew.responds(patience);
  }

  /** Connections of clients that are open. */
  public int openConnections() {
    return crew.openConnections();
  }

  /** New connections use {@code identity}; open ones keep theirs. */
  public synchronized void updateIdentity(IdentityMaterial identity) {
    this.identity = Optional.of(identity);
    compiler.identity(identity);
    ownUri = compiler.ownUri();
    recompile();
  }

  /** What was measured since the last call, all loops together. */
  public List<EdgeSample> drainTelemetry() {
    return telemetry.drain();
  }

  /** What was counted since the start but for clusters, all loops and scopes together. */
  public long counter(Counter counter) {
    return crew.counter(counter);
  }

  /** A first configuration is in force. */
  public boolean ready() {
    return configured;
  }

  /** Where the admin server listens, empty for none. */
  public Optional<InetSocketAddress> adminAddress() {
    return admin.address();
  }

  /** What {@code /quitquitquit} does instead of {@link #close}: end the process. */
  public void onQuit(Runnable action) {
    onQuit = action;
  }

  /** Who brought what is in force. */
  @FunctionalInterface
  public interface Origins {
    /**
     * The version by which its server knows it; empty for what is static. Asked by the admin
     * server.
     */
    Optional<String> version(ResourceType type, String name);
  }

  /** Until told, everything counts as dynamic, of unknown version. */
  public void origins(Origins origins) {
    this.origins = origins;
  }

  // ---- what Inspection asks

  Origins origins() {
    return origins;
  }

  ConfigJournal journal() {
    return journal;
  }

  Instant started() {
    return started;
  }

  Optional<SocketEndpoint> adminSetting() {
    return settings.admin();
  }

  ProxyNode node() {
    return settings.node();
  }

  boolean draining() {
    return draining;
  }

  LiveConfig live() {
    return live;
  }

  synchronized XdsSnapshot inForce() {
    return compiler.inForce();
  }

  Optional<IdentityMaterial> identity() {
    return identity;
  }

  Crew crew() {
    return crew;
  }

  OverloadState overload() {
    return overload.state();
  }

  ConnectionGate gate() {
    return gate;
  }

  String metrics(Exposition exposition) {
    return telemetry.metrics(exposition);
  }

  long droppedLogLines() {
    return logs.dropped();
  }

  void reopenLogs() {
    logs.reopen();
  }

  void drainListeners(boolean graceful, boolean inboundOnly) {
    Predicate<String> which =
        inboundOnly
            ? name -> {
              CompiledListener listener = live.listener(name);
              return listener != null && listener.config().direction() == Direction.INBOUND;
            }
            : name -> true;
    draining |= !inboundOnly;
    if (graceful) {
      crew.each(hand -> hand.connections().drainOf(which));
    }
    listeners.close(which);
  }

  void quit() {
    Thread.ofVirtual().name("quit").start(onQuit);
  }

  /** Listener name to the address it really listens at (a port 0 resolved). */
  public Map<String, InetSocketAddress> listenAddresses() {
    return listeners.addresses();
  }

  /** Listener name to where it really listens, Unix sockets among them. */
  public Map<String, SocketEndpoint> listenPlaces() {
    return listeners.places();
  }

  /**
   * Stops listening, lets requests end (GOAWAY, {@code Connection: close}) until the drain
   * deadline, then closes everything. Blocks until done.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      notifyAll();
    }
    draining = true;
    names.close();
    listeners.close();
    crew.each(hand -> hand.connections().drain());
    crew.awaitDrained(System.nanoTime() + settings.drainDeadline().toNanos());
    crew.each(hand -> {
      hand.connections().closeNow();
      hand.worker().close();
    });
    dns.ifPresent(MeshDns::close);
    admin.close();
    crew.close();
    // Last: what the loops logged while they ended is written too.
    logs.close();
    lateLogs.close();
  }
}
