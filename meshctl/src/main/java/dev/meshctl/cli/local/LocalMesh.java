package dev.meshctl.cli.local;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.context.RunningMeshes;
import dev.meshctl.cli.local.plan.AddressPlan;
import dev.meshctl.cli.local.plan.ReplicaPlan;
import dev.meshctl.cli.local.process.ChildProcesses;
import dev.meshctl.cli.local.process.ReadinessProbe;
import dev.meshctl.cli.local.process.RuntimeLaunch;
import dev.meshctl.cli.local.process.SupervisedProcess;
import dev.meshctl.cli.runtime.UserTrust;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshEndpoint;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.QueryJson;
import dev.meshctl.model.query.RunningMesh;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.ValidatedMesh;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The supervisor of a mesh on one machine: starts control plane, sidecars, gateway and workloads as
 * processes, keeps them running, follows changes of the configuration folder, and leaves nothing
 * behind.
 *
 * <p>Thread: any; {@link #start} blocks until the mesh serves.
 */
public final class LocalMesh implements AutoCloseable {
  /** Without any process becoming ready: a busy machine is slow, but it gets on. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final int LOG_LINES_SHOWN = 15;

  private final LocalMeshOptions options;
  private final RunningMeshes meshes;
  private final Progress progress;
  private final MeshReader reader;
  private final Undo undo = new Undo();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final CountDownLatch end = new CountDownLatch(1);
  private final Object statusLock = new Object();
  private final Parts parts;
  private volatile LocalStatus.Phase phase = LocalStatus.Phase.STARTING;
  private volatile ValidatedMesh mesh;
  private volatile List<Diagnostic> diagnostics = List.of();

  /** What a running mesh is made of. */
  private record Parts(
      RunFolder run,
      AddressPlan addresses,
      ChildProcesses children,
      RuntimeSpecs specs,
      SupervisedProcess controlPlane,
      SupervisedProcess gateway,
      Replicas replicas,
      MeshNetwork network) {}

  /**
   * What a test puts in place of the real thing.
   *
   * @param answers whether the control plane of this endpoint serves
   */
  record Seams(MeshReader reader, RuntimeLaunch launch, Predicate<MeshEndpoint> answers) {}

  private LocalMesh(LocalMeshOptions options, RunningMeshes meshes, Seams seams, Progress progress)
      throws IOException, InterruptedException {
    this.options = options;
    this.meshes = meshes;
    this.reader = seams.reader();
    this.progress = progress;
    this.mesh = readable(options, reader);
    try {
      this.parts = assemble(seams);
    } catch (IOException | InterruptedException | RuntimeException failed) {
      undo.close();
      throw failed;
    }
  }

  /**
   * Starts a mesh and waits until all of it serves.
   *
   * @throws CommandFailure where it cannot; nothing is left then
   */
  public static LocalMesh start(LocalMeshOptions options, RunningMeshes meshes, Progress progress)
      throws InterruptedException {
    try {
      Seams seams =
          new Seams(
              FolderReader.INSTANCE, RuntimeLaunch.ofThisProcess("runtime"), LocalMesh::answers);
      return start(options, meshes, seams, progress);
    } catch (IOException failed) {
      throw CommandFailure.failed("the mesh could not be started: " + failed.getMessage(), "");
    }
  }

  static LocalMesh start(
      LocalMeshOptions options, RunningMeshes meshes, Seams seams, Progress progress)
      throws IOException, InterruptedException {
    if (options.transparent()) {
      RedirectedNetwork.check();
    }
    LocalMesh local = new LocalMesh(options, meshes, seams, progress);
    try {
      local.run();
      return local;
    } catch (IOException | InterruptedException | RuntimeException failed) {
      local.close();
      throw failed;
    }
  }

  public LocalMeshOptions options() {
    return options;
  }

  /** For {@link MeshClient}. */
  public MeshEndpoint endpoint() {
    return parts.specs().endpoint();
  }

  /** The first one; empty where the configuration has no gateway. */
  public String gatewayUrl() {
    return gatewayUrls().stream().findFirst().orElse("");
  }

  public LocalStatus status() {
    List<LocalStatus.ProcessStatus> processes = new ArrayList<>();
    processes.add(
        Replica.status(
            parts.controlPlane(),
            LocalStatus.Kind.CONTROL_PLANE,
            parts.addresses().controlPlane(),
            parts.run()));
    processes.add(
        Replica.status(
            parts.gateway(), LocalStatus.Kind.GATEWAY, parts.addresses().gateway(0), parts.run()));
    parts.replicas().all().forEach(r -> processes.addAll(r.statuses(parts.run())));
    processes.addAll(parts.network().holders());
    return new LocalStatus(
        options.name(),
        phase,
        ProcessHandle.current().pid(),
        ProcessHandle.current()
            .info()
            .startInstant()
            .map(java.time.Instant::toEpochMilli)
            .orElse(0L),
        options.capture(),
        options.configFolder().toString(),
        parts.run().folder().toString(),
        endpoint().url(),
        gatewayUrls(),
        processes,
        diagnostics);
  }

  /** Waits until {@link #close}. */
  public void awaitEnd() throws InterruptedException {
    end.await();
  }

  /** Ends everything in order: gateway, workloads with their sidecars, control plane. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    phase = LocalStatus.Phase.STOPPING;
    publish();
    undo.close();
    end.countDown();
  }

  private static ValidatedMesh readable(LocalMeshOptions options, MeshReader reader)
      throws IOException {
    if (!Files.isDirectory(options.configFolder())) {
      throw CommandFailure.refused(
          options.configFolder() + " is not a folder",
          List.of(),
          "name a folder of YAML with -f, for example samples/bookshop");
    }
    return switch (reader.read(options.configFolder())) {
      case MeshReader.Reading.Good(ValidatedMesh mesh, List<Diagnostic> diagnostics) -> mesh;
      case MeshReader.Reading.Broken(List<Diagnostic> diagnostics) ->
          throw CommandFailure.refused(
              "the configuration in " + options.configFolder() + " does not hold",
              diagnostics.stream().map(Diagnostic::toString).toList(),
              "nothing was started; `meshctl analyze -f DIR` checks again");
    };
  }

  private Parts assemble(Seams seams) throws IOException, InterruptedException {
    Preflight.checkWorkloads(mesh);
    RunFolder run = undo.keep(RunFolder.take(meshes, options.name()));
    UserTrust.install(System.getenv(), run.folder().resolve("state/runtimes/trust"));
    BlockLease lease = undo.keep(BlockLease.take((int) ProcessHandle.current().pid()));
    AddressPlan addresses =
        options.transparent()
            ? new AddressPlan.Transparent(lease.block())
            : new AddressPlan.Explicit(lease.block());
    ChildProcesses children = undo.keep(ChildProcesses.open(run.leftovers()));
    run.write(RunFolder.JANITOR, Long.toString(children.janitorPid()));
    MeshNetwork network = undo.keep(network(addresses, children, run));
    Preflight.checkPorts(
        addresses, mesh, ReplicaPlan.between(List.of(), List.of(), Preflight.started(mesh)));
    Credentials credentials = undo.keep(Credentials.open(run.folder().resolve("tokens")));
    Inventory inventory =
        new Inventory(run.folder().resolve("inventory.json"), addresses.sharedServicePrefix());
    inventory.services(mesh.all(Service.class));
    ProcessEnvironment environment = ProcessEnvironment.of(System.getenv());
    RuntimeSpecs specs =
        new RuntimeSpecs(
            options, run, addresses, credentials, inventory, seams.launch(), environment);
    Semaphore startSlots = new Semaphore(Runtime.getRuntime().availableProcessors() + 1);
    SupervisedProcess controlPlane =
        new SupervisedProcess(
            "control-plane",
            specs::controlPlane,
            new ReadinessProbe.Asking(() -> seams.answers().test(specs.endpoint())),
            children,
            new Semaphore(1),
            this::publish);
    undo.keep(controlPlane::stop);
    Replicas replicas =
        undo.keep(
            new Replicas(specs, network, children, inventory, startSlots, run, this::publish));
    SupervisedProcess gateway =
        new SupervisedProcess(
            "gateway",
            specs.gatewayGenerations(children),
            new ReadinessProbe.Http(
                network.target(addresses.gateway(0), AddressPlan.HEALTH_PORT), "/healthz/ready"),
            children,
            startSlots,
            this::publish);
    undo.keep(gateway::stop);
    return new Parts(run, addresses, children, specs, controlPlane, gateway, replicas, network);
  }

  private MeshNetwork network(AddressPlan addresses, ChildProcesses children, RunFolder run)
      throws IOException, InterruptedException {
    return switch (addresses) {
      case AddressPlan.Explicit explicit -> new MeshNetwork.Pointing(explicit);
      case AddressPlan.Transparent transparent ->
          RedirectedNetwork.open(
              transparent, children, run, ProcessEnvironment.of(System.getenv()).everywhere());
    };
  }

  private void run() throws IOException, InterruptedException {
    publish();
    parts.controlPlane().start();
    awaitControlPlane();
    progress.line("control plane serves at " + endpoint().url());
    meshes.write(
        new RunningMesh(
            options.name(),
            endpoint(),
            options.configFolder().toString(),
            gatewayUrl(),
            options.capture(),
            ProcessHandle.current().pid()));
    parts.gateway().start();
    parts.replicas().reconcile(mesh);
    awaitMesh();
    phase = LocalStatus.Phase.RUNNING;
    publish();
    Thread watcher = Thread.ofVirtual().name("config-watch").start(this::watch);
    undo.keep(watcher::interrupt);
  }

  private void awaitMesh() throws InterruptedException {
    int shown = -1;
    int ready = -1;
    long deadline = 0;
    while (true) {
      List<Replica> all = parts.replicas().all();
      int replicas = (int) all.stream().filter(Replica::ready).count();
      if (replicas != shown) {
        progress.line(
            replicas + " of " + all.size() + " workload replicas ready, each with its sidecar");
        shown = replicas;
      }
      if (isReady(parts.gateway()) && replicas == all.size()) {
        return;
      }
      int readyNow = readyProcesses();
      if (readyNow != ready) {
        ready = readyNow;
        deadline = System.nanoTime() + PATIENCE.toNanos();
      }
      if (System.nanoTime() > deadline) {
        throw notReady();
      }
      failOnHopeless();
      Thread.sleep(50);
    }
  }

  private void awaitControlPlane() throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!isReady(parts.controlPlane())) {
      if (System.nanoTime() > deadline) {
        throw notReady();
      }
      failOnHopeless();
      Thread.sleep(30);
    }
  }

  private int readyProcesses() {
    return (int) status().processes().stream().filter(p -> p.state().equals("READY")).count();
  }

  /** A process that dies again and again while the mesh starts will not be what it waits for. */
  private void failOnHopeless() {
    for (LocalStatus.ProcessStatus process : status().processes()) {
      if (process.restarts() >= 3) {
        throw dead(process);
      }
    }
  }

  private CommandFailure notReady() {
    return status().processes().stream()
        .filter(process -> !process.state().equals("READY"))
        // One that runs tells more than one that waits for it.
        .min(Comparator.comparing(process -> process.pid() == 0))
        .map(process ->
            CommandFailure.failed(
                process.name()
                    + " does not serve: nothing got ready for "
                    + PATIENCE.toSeconds()
                    + " s",
                tail(process.log()),
                "what it wrote is above"))
        .orElseGet(() -> CommandFailure.failed("the mesh did not become ready", ""));
  }

  private static CommandFailure dead(LocalStatus.ProcessStatus process) {
    return CommandFailure.failed(
        process.name() + " does not stay alive (" + process.lastExit() + ")",
        tail(process.log()),
        "what it wrote is above");
  }

  private static List<String> tail(String log) {
    try (Stream<String> lines = Files.lines(Path.of(log), StandardCharsets.ISO_8859_1)) {
      List<String> all = lines.toList();
      return all.subList(Math.max(0, all.size() - LOG_LINES_SHOWN), all.size());
    } catch (IOException none) {
      return List.of();
    }
  }

  /** Follows the folder: what a change of workloads asks for is done, what is broken is told. */
  private void watch() {
    FolderChange last = FolderChange.of(options.configFolder());
    try {
      while (!closed.get()) {
        Thread.sleep(300);
        FolderChange now = FolderChange.of(options.configFolder());
        if (!now.equals(last)) {
          last = now;
          applyFolder();
        }
      }
    } catch (InterruptedException stopped) {
      // By close.
    }
  }

  private void applyFolder() throws InterruptedException {
    try {
      switch (reader.read(options.configFolder())) {
        case MeshReader.Reading.Good(ValidatedMesh changed, List<Diagnostic> found) -> {
          Preflight.checkWorkloads(changed);
          diagnostics = found;
          mesh = changed;
          parts.replicas().reconcile(changed);
        }
        case MeshReader.Reading.Broken(List<Diagnostic> found) -> diagnostics = found;
      }
    } catch (IOException | CommandFailure | IllegalArgumentException refused) {
      System.getLogger(LocalMesh.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "the change of {0} is not in force: {1}",
              options.configFolder(),
              refused.toString());
    }
    publish();
  }

  private List<String> gatewayUrls() {
    String address = parts.addresses().gateway(0);
    Set<Integer> secure = Preflight.securePorts(mesh);
    return Preflight.gatewayPorts(mesh).stream()
        .map(port -> (secure.contains(port) ? "https://" : "http://") + address + ":" + port)
        // Requests in the clear first: they need no certificate to be tried.
        .sorted(Comparator.comparing(url -> url.startsWith("https")))
        .toList();
  }

  /** Called at each change, from any thread. */
  private void publish() {
    synchronized (statusLock) {
      if (parts == null) {
        return;
      }
      parts.replicas().report();
      try {
        parts.run().write(LocalStatus.FILE, QueryJson.mapper().writeValueAsString(status()));
      } catch (IOException unwritten) {
        System.getLogger(LocalMesh.class.getName())
            .log(System.Logger.Level.WARNING, "status not written: {0}", unwritten.toString());
      }
    }
  }

  private static boolean isReady(SupervisedProcess process) {
    return process.state().phase() == SupervisedProcess.Phase.READY;
  }

  private static boolean answers(MeshEndpoint endpoint) {
    if (!Files.exists(Path.of(endpoint.trustBundleFile()))) {
      return false;
    }
    try (MeshClient client = MeshClient.of(endpoint)) {
      client.status();
      return true;
    } catch (MeshQueryException notYet) {
      return false;
    }
  }
}
