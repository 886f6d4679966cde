package dev.meshctl.cli.demo;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.context.RunningMeshes;
import dev.meshctl.cli.local.Detached;
import dev.meshctl.cli.local.LocalMeshOptions;
import dev.meshctl.cli.local.MeshCopy;
import dev.meshctl.cli.local.MeshUntilExit;
import dev.meshctl.cli.local.TimedProgress;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshEndpoint;
import dev.meshctl.model.query.RunningMesh;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The story of a demo: a mesh, load, four positions of a split, what the sidecars measured. */
final class Demo {
  private static final String HOST = "reviews";
  private static final String NAMESPACE = "bookshop";
  private static final String FROM = "v1";
  private static final String TO = "v3";
  private static final List<Integer> SHARES_MOVED = List.of(0, 10, 50, 100);
  private static final List<String> PATHS =
      List.of("/", "/books/1", "/books/2", "/books/3", "/books/4");
  private static final Duration PROXY_PATIENCE = Duration.ofSeconds(20);

  /** For the last windows of the sidecars to reach the control plane: they report each second. */
  private static final Duration LAST_REPORTS = Duration.ofMillis(2200);

  /** Calls from which the share of a split is judged. */
  private static final int FEW = 20;

  private static final Duration FEW_PATIENCE = Duration.ofSeconds(15);

  private final Options options;
  private final RunningMeshes meshes;
  private final TimedProgress progress;
  private final DemoView view;

  /** What was asked for on the command line. */
  record Options(
      Path sample, boolean transparent, Duration load, int requestsPerSecond, boolean keep) {}

  Demo(Options options, RunningMeshes meshes, TimedProgress progress, DemoView view) {
    this.options = options;
    this.meshes = meshes;
    this.progress = progress;
    this.view = view;
  }

  DemoReport run() throws IOException, InterruptedException {
    String name = freeName();
    try (MeshCopy copy = MeshCopy.of(options.sample(), meshes, name)) {
      LocalMeshOptions mesh =
          new LocalMeshOptions(
              name, copy.folder(), options.sample().resolve("bin"), options.transparent());
      progress.line("starting the bookshop: " + mesh.capture() + " capture, real processes");
      if (options.keep()) {
        Detached.start(mesh, meshes, progress);
        copy.leaveToMesh();
        RunningMesh running = meshes.find(Optional.of(name));
        return story(mesh, running.endpoint(), running.gatewayUrl());
      }
      try (MeshUntilExit running = MeshUntilExit.start(mesh, meshes, progress)) {
        return story(mesh, running.mesh().endpoint(), running.mesh().gatewayUrl());
      } finally {
        progress.line("the mesh is gone");
      }
    }
  }

  /** A kept demo is found by its name; others must not stand in each other's way. */
  private String freeName() {
    boolean taken = meshes.running().stream().anyMatch(mesh -> mesh.name().equals("demo"));
    return taken && !options.keep() ? "demo-" + ProcessHandle.current().pid() : "demo";
  }

  private DemoReport story(LocalMeshOptions mesh, MeshEndpoint endpoint, String gatewayUrl)
      throws IOException, InterruptedException {
    List<URI> targets = PATHS.stream().map(path -> URI.create(gatewayUrl + path)).toList();
    try (MeshClient client = MeshClient.of(endpoint);
        LoadGenerator load = new LoadGenerator(targets, options.requestsPerSecond())) {
      SplitMover mover = new SplitMover(mesh.configFolder(), client);
      mover.awaitProxies(1, PROXY_PATIENCE);
      String problem = LoadGenerator.ask(load.http(), targets.getFirst());
      if (!problem.isEmpty()) {
        throw CommandFailure.failed("the first request through the mesh failed: " + problem, "");
      }
      double firstRequest = progress.seconds();
      progress.line("first request through the mesh answered: " + targets.getFirst());
      load.start();
      long begunSecond = second();
      List<DemoReport.Phase> phases = new ArrayList<>();
      for (int share : SHARES_MOVED) {
        phases.add(phase(share, mover, client, load));
      }
      load.stop();
      Thread.sleep(LAST_REPORTS);
      long window = second() - begunSecond + 1;
      GraphView graph = client.graph(Duration.ofSeconds(window));
      return new DemoReport(
          mesh.name(),
          mesh.capture(),
          firstRequest,
          load.sent() + 1,
          load.failed(),
          phases.stream().allMatch(DemoReport.Phase::agreed),
          Measurement.CONFIDENCE,
          load.failures(),
          phases,
          window,
          Measurement.edges(graph));
    }
  }

  /**
   * Moves the split, then measures. Only whole seconds are measured in which no request was on its
   * way that had been sent before the last acknowledgement: a report that ends in second s counts
   * what was answered after s - 1.
   */
  private DemoReport.Phase phase(int moved, SplitMover mover, MeshClient client, LoadGenerator load)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + options.load().dividedBy(SHARES_MOVED.size()).toNanos();
    Map<String, Integer> weights = new LinkedHashMap<>();
    weights.put(FROM, 100 - moved);
    weights.put(TO, moved);
    view.moving(weights);
    Duration acknowledged = mover.move(HOST, NAMESPACE, weights);
    view.acknowledged(weights, acknowledged);
    load.awaitAnswersToAllSentUntilNow();
    long firstSecond = second() + 2;
    while (System.nanoTime() < end || second() <= firstSecond) {
      Thread.sleep(Math.clamp((end - System.nanoTime()) / 1_000_000, 20, 500));
      view.tick(load.sent(), load.failed(), () -> measured(client, firstSecond), weights);
    }
    Map<String, Long> counts = Measurement.byVersion(measured(client, firstSecond), HOST);
    // On a machine that is full reports come late, and of few calls nothing follows.
    long patience = System.nanoTime() + FEW_PATIENCE.toNanos();
    while (Measurement.calls(counts) < FEW && System.nanoTime() < patience) {
      Thread.sleep(500);
      counts = Measurement.byVersion(measured(client, firstSecond), HOST);
    }
    DemoReport.Phase phase = Measurement.phase(weights, counts, acknowledged.toNanos() / 1e9);
    view.measured(phase);
    return phase;
  }

  private static GraphView measured(MeshClient client, long firstSecond) {
    return client.graph(Duration.ofSeconds(Math.max(1, second() - firstSecond + 1)));
  }

  /** The control plane's telemetry windows are whole seconds of the same clock. */
  private static long second() {
    return System.currentTimeMillis() / 1000;
  }
}
