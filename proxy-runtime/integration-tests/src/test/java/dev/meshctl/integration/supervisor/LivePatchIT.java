package dev.meshctl.integration.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.bundle.BundleFile;
import dev.meshctl.bundle.BundleWriter;
import dev.meshctl.bundle.Host;
import dev.meshctl.bundle.Manifest;
import dev.meshctl.bundle.SigningKey;
import dev.meshctl.integration.served.SnapshotServer;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.ServiceRef;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.FilterChain.ChainMatch;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.RuntimeOrder;
import dev.meshctl.model.xds.RuntimeOrder.Limits;
import dev.meshctl.model.xds.RuntimeOrder.Target;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.RouteMatch;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A proxy as a container has it: the real supervisor over real processes, ordered over ADS, bundles
 * over mutual TLS, under load that forgives nothing.
 */
class LivePatchIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Limits LIMITS =
      new Limits(Duration.ofSeconds(60), Duration.ofSeconds(10), Duration.ofSeconds(2));
  private static final SigningKey KEY = SigningKey.generate();

  @TempDir private Path folder;
  private @Nullable Supervised supervised;
  private OrderingControlPlane controlPlane;
  private HttpServer workload;
  private InetSocketAddress front;
  private Path shipped;
  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong answered = new AtomicLong();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final List<Thread> clients = new ArrayList<>();
  private final Figures figures = new Figures();
  private long orders;

  @BeforeEach
  void start() throws Exception {
    controlPlane = new OrderingControlPlane(folder.resolve("cp"));
    workload = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 64);
    workload.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    workload.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 2);
          exchange.getResponseBody().write("ok".getBytes(StandardCharsets.US_ASCII));
          exchange.close();
        });
    workload.start();
    front = new InetSocketAddress("127.0.0.1", freePort());
    controlPlane.tell(mesh());
    shipped = runtime("shipped", "1.0.0", "");
    Path keys = Files.writeString(folder.resolve("keys.pem"), KEY.trusted().pem());
    startProxy(folder, shipped, bootstrap(), Map.of("MESHCTL_TRUSTED_KEYS", keys.toString()));
    await().atMost(PATIENCE).until(this::answers);
    for (int i = 0; i < 3; i++) {
      clients.add(Thread.ofVirtual().start(() -> load(true)));
      clients.add(Thread.ofVirtual().start(() -> load(false)));
    }
  }

  /** Under the supervisor of a container. */
  void startProxy(Path folder, Path shipped, Path bootstrap, Map<String, String> environment)
      throws Exception {
    supervised = Supervised.in(folder);
    supervised.startJava(shipped, bootstrap, environment);
  }

  /** Whatever came, it was never started again. */
  void assertNotRestarted() {
    assertThat(Objects.requireNonNull(supervised).process().isAlive()).isTrue();
  }

  void stopProxy() {
    if (supervised != null) {
      supervised.close();
    }
  }

  @AfterEach
  void stop() throws Exception {
    stop.set(true);
    for (Thread client : clients) {
      client.join();
    }
    stopProxy();
    if (workload != null) {
      workload.stop(0);
    }
    if (controlPlane != null) {
      controlPlane.close();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  // ---- the mesh: a gateway before a workload

  private XdsSnapshot mesh() {
    SocketEndpoint at = new SocketEndpoint("127.0.0.1", workload.getAddress().getPort());
    List<XdsResource> all =
        List.of(
            new ListenerConfig(
                "front",
                Direction.OUTBOUND,
                new SocketEndpoint("127.0.0.1", front.getPort()),
                true,
                false,
                false,
                Duration.ZERO,
                List.of(
                    new FilterChain(
                        "front",
                        ChainMatch.ANY,
                        Optional.empty(),
                        new NetworkFilter.HttpConnection(
                            "front",
                            NetworkFilter.Codec.AUTO,
                            new NetworkFilter.Routes.Named("front"),
                            List.of(),
                            Duration.ZERO,
                            Duration.ZERO,
                            Duration.ZERO,
                            false,
                            NetworkFilter.ForwardClientCert.SANITIZE))),
                Optional.empty()),
            new RouteTableConfig(
                "front",
                List.of(
                    new VirtualHost(
                        "all",
                        List.of("*"),
                        List.of(
                            new Route(
                                "", RouteMatch.ANY, RouteAction.Forward.to("up"), Headers.NONE))))),
            new ClusterConfig(
                "up",
                new Discovery.Static(
                    new LoadAssignment(
                        "up",
                        List.of(
                            new LocalityEndpoints(
                                Locality.NONE,
                                0,
                                0,
                                List.of(
                                    new Endpoint(
                                        at,
                                        Health.HEALTHY,
                                        1,
                                        false,
                                        new WorkloadRef("up", "judged", "up", "v1"))))))),
                Duration.ofSeconds(2),
                LoadBalancing.ROUND_ROBIN,
                new Transport.Plaintext(),
                UpstreamProtocol.HTTP1,
                CircuitBreakers.DEFAULT,
                Optional.empty(),
                new ServiceRef("up.judged.svc.cluster.local", "judged", "up", "")));
    Map<ResourceType, Map<String, XdsResource>> byType = new EnumMap<>(ResourceType.class);
    all.forEach(each ->
        byType.computeIfAbsent(each.type(), type -> new LinkedHashMap<>()).put(each.name(), each));
    return new XdsSnapshot(byType);
  }

  private Path bootstrap() throws IOException {
    ProxyNode node = SnapshotServer.node("front");
    return Files.writeString(
        folder.resolve("proxy.json"),
        ConfigFiles.json(
            new ProxyBootstrap(
                node,
                "cluster.local",
                controlPlane.address(),
                controlPlane.trustBundle().toString(),
                controlPlane.token(SnapshotServer.NAMESPACE, "judged").toString(),
                "127.0.0.1:0",
                "127.0.0.1:" + freePort(),
                "",
                "",
                1)));
  }

  // ---- runtimes

  private static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:+ExitOnOutOfMemoryError",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Xmx64m");

  /** An unpacked runtime: this build, under another version. */
  private Path runtime(String name, String version, String fault) throws Exception {
    Path file = bundle(name, version, fault);
    Path unpacked = folder.resolve(name);
    BundleFile.verify(file, List.of(KEY.trusted())).unpack(unpacked);
    return unpacked;
  }

  private String digest = "";

  /** This build as a bundle, with a jar that names the classes of this test. */
  private Path bundle(String name, String version, String fault) throws Exception {
    Path whole = folder.resolve(name + ".contents");
    Path contents = Files.createDirectories(whole.resolve("lib"));
    var manifest = new java.util.jar.Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest
        .getMainAttributes()
        .put(
            Attributes.Name.CLASS_PATH,
            List.of(System.getProperty("java.class.path").split(":")).stream()
                .map(entry -> Path.of(entry).toUri().toString())
                .collect(Collectors.joining(" ")));
    try (JarOutputStream jar =
        new JarOutputStream(Files.newOutputStream(contents.resolve("path.jar")), manifest)) {
      jar.finish();
    }
    // Something to be carried: a chunk is cut off somewhere in it.
    byte[] ballast = new byte[300_000];
    new java.util.Random(version.hashCode()).nextBytes(ballast);
    Files.write(contents.resolve("ballast"), ballast);
    List<String> flags = new ArrayList<>(FLAGS);
    flags.add("-Dfault=" + fault);
    Host host = Host.here();
    Path file = folder.resolve(name + ".meshbundle");
    digest =
        BundleWriter.write(
            whole,
            new BundleWriter.Description(
                version,
                "",
                new Manifest.Requirements(
                    host.javaFeature(), host.javaBuild(), host.os(), host.arch()),
                160L << 20,
                List.of(
                    new Manifest.Program(
                        "proxy",
                        FaultyRuntime.class.getName(),
                        "",
                        flags,
                        List.of("lib/path.jar")))),
            KEY,
            file,
            path -> {});
    return file;
  }

  private RuntimeOrder order(String version, String digest) {
    return order(version, digest, LIMITS);
  }

  private RuntimeOrder order(String version, String digest, Limits limits) {
    RuntimeOrder order =
        new RuntimeOrder(++orders, "p", new Target.Bundle(version, digest, false), limits);
    controlPlane.order(order);
    return order;
  }

  private RuntimeReport settled(RuntimeOrder order) {
    await("the end of order " + order.generation())
        .atMost(PATIENCE)
        .until(() -> last(order).map(report -> report.stage().settled()).orElse(false));
    return last(order).orElseThrow();
  }

  private Optional<RuntimeReport> last(RuntimeOrder order) {
    return controlPlane.reports().stream()
        .filter(report -> report.generation() == order.generation())
        .filter(report -> report.stage() != Stage.RUNNING)
        .reduce((a, b) -> b);
  }

  // ---- load

  private boolean answers() {
    try (Socket socket = new Socket(front.getAddress(), front.getPort())) {
      return ask(socket) >= 0;
    } catch (IOException notYet) {
      return false;
    }
  }

  private void load(boolean keepAlive) {
    while (!stop.get()) {
      try (Socket socket = new Socket(front.getAddress(), front.getPort())) {
        socket.setSoTimeout(20_000);
        boolean more = keepAlive;
        do {
          long asked = System.nanoTime();
          more &= ask(socket) > 0 && !stop.get();
          figures.answered(System.nanoTime() - asked);
          answered.incrementAndGet();
        } while (more);
      } catch (IOException failed) {
        failures.add(failed.toString());
      }
    }
  }

  /** Above 0 where the connection may be asked again. */
  private static int ask(Socket socket) throws IOException {
    socket
        .getOutputStream()
        .write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("cut off after '" + head + "'");
      }
      head.append((char) next);
    }
    if (!head.toString().startsWith("HTTP/1.1 200") || in.readNBytes(2).length < 2) {
      throw new IOException(head.toString());
    }
    return head.toString().toLowerCase(Locale.ROOT).contains("connection: close") ? 0 : 1;
  }

  private void noRequestWasLost() {
    long more = answered.get() + 50;
    await().atMost(PATIENCE).until(() -> answered.get() >= more || !failures.isEmpty());
    assertThat(failures).isEmpty();
  }

  // ---- what holds

  @Test
  void a_running_proxy_becomes_the_next_version_and_loses_no_request() throws Exception {
    Path file = bundle("next", "1.1.0", "");
    controlPlane.has(digest, file);
    controlPlane.cut(3);
    // Past the first compilations, so that before and during can be compared.
    await().atMost(PATIENCE).until(() -> answered.get() >= 5_000);
    figures.begin(Figures.Phase.BEFORE);
    await().atMost(PATIENCE).until(() -> answered.get() >= 10_000);
    figures.begin(Figures.Phase.DURING);
    RuntimeReport report = settled(order("1.1.0", digest));
    figures.begin(Figures.Phase.OTHER);
    assertThat(report.stage()).as(report.reason()).isEqualTo(Stage.DONE);
    assertThat(report.runningVersion()).isEqualTo("1.1.0");
    assertThat(report.runningDigest()).isEqualTo(digest);
    assertThat(report.overlapBytes()).isPositive();
    assertThat(controlPlane.stages(1))
        .containsSubsequence(
            Stage.FETCHING,
            Stage.VERIFYING,
            Stage.UNPACKING,
            Stage.STARTING,
            Stage.WATCHING,
            Stage.DONE)
        .contains(Stage.HANDING_OVER);
    // Three cuts, and no byte was fetched twice: what came was gone on with.
    assertThat(controlPlane.fetches()).isEqualTo(4);
    noRequestWasLost();
    System.err.println(figures.json(report, failures.size()));
    // And the next one after it, and back to what was shipped.
    Path later = bundle("later", "1.2.0", "");
    controlPlane.has(digest, later);
    assertThat(settled(order("1.2.0", digest)).stage()).isEqualTo(Stage.DONE);
    RuntimeOrder back = new RuntimeOrder(++orders, "p", new Target.Shipped("1.0.0"), LIMITS);
    controlPlane.order(back);
    RuntimeReport last = settled(back);
    assertThat(last.stage()).as(last.reason()).isEqualTo(Stage.DONE);
    assertThat(last.runningVersion()).isEqualTo("1.0.0");
    assertThat(last.runningDigest()).isEmpty();
    noRequestWasLost();
    assertNotRestarted();
  }

  @Test
  void no_bad_bundle_costs_a_request() throws Exception {
    Path crash = bundle("crash", "1.1.0", "crash");
    controlPlane.has(digest, crash);
    staysOn(settled(order("1.1.0", digest)), Stage.FAILED, "before it was ready");

    Path hang = bundle("hang", "1.1.1", "hang");
    controlPlane.has(digest, hang);
    staysOn(
        settled(
            order(
                "1.1.1",
                digest,
                new Limits(Duration.ofSeconds(4), LIMITS.drain(), LIMITS.watch()))),
        Stage.FAILED,
        "not ready in time");

    Path leak = bundle("leak", "1.1.2", "leak");
    controlPlane.has(digest, leak);
    RuntimeReport leaked =
        settled(
            order(
                "1.1.2",
                digest,
                new Limits(LIMITS.ready(), LIMITS.drain(), Duration.ofSeconds(60))));
    assertThat(leaked.stage()).as(leaked.reason()).isIn(Stage.FAILED, Stage.ROLLED_BACK);
    staysOn(leaked, leaked.stage(), "it ended with");

    Path forged = bundle("forged", "1.1.3", "");
    byte[] bytes = Files.readAllBytes(forged);
    bytes[60] ^= 1;
    Files.write(forged, bytes);
    controlPlane.has(digest, forged);
    staysOn(settled(order("1.1.3", digest)), Stage.FAILED, "");

    Path cut = bundle("cut", "1.1.4", "");
    Files.write(cut, Arrays.copyOf(Files.readAllBytes(cut), 200_000));
    controlPlane.has(digest, cut);
    staysOn(settled(order("1.1.4", digest)), Stage.FAILED, "");

    Path older = bundle("older", "0.9.0", "");
    controlPlane.has(digest, older);
    staysOn(settled(order("0.9.0", digest)), Stage.FAILED, "older");

    staysOn(settled(order("2.0.0", "f".repeat(64))), Stage.FAILED, "not to be had");

    Path good = bundle("good", "1.2.0", "");
    controlPlane.has(digest, good);
    assertThat(settled(order("1.2.0", digest)).stage()).isEqualTo(Stage.DONE);
    noRequestWasLost();
  }

  private void staysOn(RuntimeReport report, Stage stage, String why) {
    assertThat(report.stage()).as(report.toString()).isEqualTo(stage);
    assertThat(report.reason()).contains(why);
    assertThat(report.runningVersion()).isEqualTo("1.0.0");
    System.err.println(stage + ": " + report.reason());
    noRequestWasLost();
  }

  @Test
  void an_order_to_go_back_while_the_new_one_is_watched_is_followed_at_once_by_the_old_one()
      throws Exception {
    Path file = bundle("next", "1.1.0", "");
    controlPlane.has(digest, file);
    RuntimeOrder forth =
        order("1.1.0", digest, new Limits(LIMITS.ready(), LIMITS.drain(), Duration.ofMinutes(10)));
    await()
        .atMost(PATIENCE)
        .until(() -> last(forth).filter(report -> report.stage() == Stage.WATCHING).isPresent());
    RuntimeOrder back = new RuntimeOrder(++orders, "p", new Target.Shipped("1.0.0"), LIMITS);
    controlPlane.order(back);
    RuntimeReport report = settled(back);
    assertThat(report.stage()).as(report.reason()).isEqualTo(Stage.DONE);
    assertThat(report.runningVersion()).isEqualTo("1.0.0");
    noRequestWasLost();
    assertNotRestarted();
    // And forth again, as if nothing had been.
    assertThat(settled(order("1.1.0", digest)).stage()).isEqualTo(Stage.DONE);
    noRequestWasLost();
  }

  @Test
  void a_control_plane_that_dies_in_the_middle_only_delays_it() throws Exception {
    Path file = bundle("next", "1.1.0", "");
    controlPlane.has(digest, file);
    controlPlane.cut(2);
    RuntimeOrder order = order("1.1.0", digest);
    await().atMost(PATIENCE).until(() -> controlPlane.fetches() > 0);
    controlPlane.kill();
    noRequestWasLost();
    controlPlane.start();
    assertThat(settled(order).stage()).isEqualTo(Stage.DONE);
    noRequestWasLost();
  }
}
