package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.app.KubernetesControlPlane;
import dev.meshctl.bundle.BundleFile;
import dev.meshctl.bundle.BundleWriter;
import dev.meshctl.bundle.Manifest;
import dev.meshctl.bundle.SigningKey;
import dev.meshctl.bundle.VerifiedBundle;
import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.controlplane.kubernetes.ClusterAuthority;
import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.integration.cluster.MeshctlInProcess.Said;
import dev.meshctl.integration.cluster.SimulatedProxy.Obedience;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.telemetry.LatencyHistogram;
import dev.meshctl.model.telemetry.TelemetryReport;
import dev.meshctl.model.wire.TelemetryCodec;
import dev.meshctl.model.wire.telemetry.ReportAck;
import dev.meshctl.model.wire.telemetry.TelemetryServiceGrpc;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Patches that are objects of a real API server, performed by two replicas of the real control
 * plane under the very roles that an installation gives it; the proxies are real clients that only
 * say what they do.
 */
class RuntimePatchIT {
  private static final Duration SOON = Duration.ofSeconds(45);
  private static final SigningKey KEY = SigningKey.generate();

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withoutNodes();

  @TempDir Path scratch = Path.of("");

  private final List<AutoCloseable> open = new ArrayList<>();
  private HostedControlPlane mesh;
  private String system = "";
  private String shop = "";

  @BeforeEach
  void install() throws Exception {
    system = CLUSTER.namespace("system");
    shop = CLUSTER.namespace("shop");
    mesh = new HostedControlPlane(CLUSTER, system, scratch);
    mesh.install("", object -> false);
    Files.writeString(
        scratch.resolve("keys.json"),
        "[\""
            + KEY.trusted()
                .pem()
                .lines()
                .filter(line -> !line.startsWith("-"))
                .reduce("", String::concat)
            + "\"]");
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    mesh.close();
  }

  @Test
  void a_patch_goes_on_in_waves_when_the_leader_dies_and_the_bundle_is_where_it_was_not_pushed()
      throws Exception {
    KubernetesControlPlane one = start("one");
    KubernetesControlPlane two = start("two");
    await().atMost(SOON).until(() -> one.leads() != two.leads());
    KubernetesControlPlane leader = one.leads() ? one : two;
    KubernetesControlPlane other = one.leads() ? two : one;
    List<SimulatedProxy> proxies = proxies(4);
    for (int i = 0; i < 4; i++) {
      proxies.get(i).connect((i % 2 == 0 ? leader : other).grpcAddress());
      proxies.get(i).obeys(Obedience.LINGERS);
    }
    awaitHeard(4);

    String unknown = run("runtime", "patch", "--to", "2.0", "-n", shop).err();
    assertThat(unknown).contains("no replica of the control plane has a bundle 2.0");

    push(leader, bundle("2.0"), token("meshctl-pusher"));
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(get("runtimereplicas", system, "{.items[*].status.bundles[*].version}"))
                .isEqualTo("2.0 2.0"));

    Said dry = run("runtime", "patch", "--to", "2.0", "-n", shop, "--waves", "1,100%", "--dry-run");
    assertThat(dry.exitCode()).as(dry.err()).isZero();
    assertThat(dry.out()).contains("app-0." + shop).contains("app-3." + shop);
    assertThat(get("runtimepatches", shop, "{.items}")).isEqualTo("[]");

    Said ordered =
        run(
            "runtime",
            "patch",
            "--to",
            "2.0",
            "-n",
            shop,
            "--waves",
            "1,100%",
            "--soak",
            "0s",
            "--per-node",
            "3");
    assertThat(ordered.exitCode()).as(ordered.err()).isZero();
    await().atMost(SOON).until(() -> ordered(proxies) == 1);
    assertThat(status("{.items[0].status.phase} {.items[0].status.wave}")).isEqualTo("Rolling 1");
    assertThat(run("runtime", "patch", "--to", "2.0", "-n", shop).exitCode()).isZero();
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(status("{.items[*].status.reason}")).contains("PatchUnderWay"));

    proxies.stream().filter(proxy -> !proxy.orders().isEmpty()).forEach(SimulatedProxy::settle);
    await().atMost(SOON).until(() -> ordered(proxies) == 4);
    leader.close();
    for (SimulatedProxy proxy : proxies) {
      proxy.connect(other.grpcAddress());
      proxy.settle();
    }

    await().atMost(SOON).until(other::leads);
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(status("{.items[*].status.phase}")).contains("Done"));
    assertThat(status("{.items[*].status.patched}")).contains("4");
    assertThat(proxies)
        .allSatisfy(proxy -> {
          assertThat(proxy.last().runningVersion()).isEqualTo("2.0");
          assertThat(proxy.orders()).as("each was told once").hasSize(1);
        });
    assertThat(get("events", shop, "{.items[*].reason}")).contains("WaveBegan").contains("Done");
  }

  @Test
  void requests_that_fail_at_patched_workloads_take_all_back() throws Exception {
    KubernetesControlPlane plane = start("one");
    List<SimulatedProxy> proxies = proxies(3);
    for (SimulatedProxy proxy : proxies) {
      proxy.connect(plane.grpcAddress());
    }
    awaitHeard(3);
    push(plane, bundle("2.0"), token("meshctl-pusher"));
    run("runtime", "patch", "--to", "2.0", "-n", shop, "--waves", "1,100%", "--soak", "1h");
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(status("{.items[0].status.phase}")).isEqualTo("Soaking"));

    failures(proxies.getFirst(), plane);

    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(status("{.items[0].status.phase}")).isEqualTo("Returned"));
    assertThat(status("{.items[0].status.problem}"))
        .contains("the gate: 50.00% of 100 requests succeeded");
    assertThat(status("{.items[0].status.rolledBack}")).isEqualTo("1");
    assertThat(proxies).allSatisfy(p -> assertThat(p.last().runningVersion()).isEqualTo("1.0"));
    Said told = run("runtime", "status");
    assertThat(told.exitCode()).isEqualTo(1);
    assertThat(told.out()).contains("went back:").contains("the gate");
  }

  @Test
  void a_control_plane_that_lost_its_bundles_holds_the_patch_until_one_is_pushed_again()
      throws Exception {
    KubernetesControlPlane plane = start("one");
    List<SimulatedProxy> proxies = proxies(2);
    for (SimulatedProxy proxy : proxies) {
      proxy.obeys(Obedience.LINGERS);
      proxy.connect(plane.grpcAddress());
    }
    awaitHeard(2);
    Path bundle = bundle("2.0");
    push(plane, bundle, token("meshctl-pusher"));
    run("runtime", "patch", "--to", "2.0", "-n", shop, "--waves", "1,100%", "--soak", "0s");
    await().atMost(SOON).until(() -> ordered(proxies) == 1);

    plane.close();
    // As the garbage collector does when the pod is gone.
    CLUSTER.kubectl("-n", system, "delete", "runtimereplica", "one").text();
    KubernetesControlPlane fresh = start("fresh");
    for (SimulatedProxy proxy : proxies) {
      proxy.connect(fresh.grpcAddress());
    }
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(status("{.items[0].status.phase} {.items[0].status.reason}"))
                .isEqualTo("Paused BundleMissing"));
    proxies.stream().filter(proxy -> !proxy.orders().isEmpty()).forEach(SimulatedProxy::settle);
    proxies.forEach(proxy -> proxy.obeys(Obedience.FOLLOWS));
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(status("{.items[0].status.patched}")).isEqualTo("1"));
    assertThat(ordered(proxies)).as("no further wave").isEqualTo(1);

    push(fresh, bundle, token("meshctl-pusher"));
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(status("{.items[0].status.phase}")).isEqualTo("Done"));
  }

  @Test
  void an_operator_stops_goes_on_takes_back_and_watches_by_the_command() throws Exception {
    KubernetesControlPlane plane = start("one");
    List<SimulatedProxy> proxies = proxies(3);
    for (SimulatedProxy proxy : proxies) {
      proxy.connect(plane.grpcAddress());
    }
    awaitHeard(3);
    push(plane, bundle("2.0"), token("meshctl-pusher"));
    run("runtime", "patch", "--to", "2.0", "-n", shop, "--waves", "1,100%", "--soak", "1h");
    awaitPhase("Soaking");

    Said paused = run("runtime", "rollback", "--pause");
    assertThat(paused.out()).contains(shop + "/to-2-0-").contains("to 2.0 is paused");
    awaitPhase("Paused");
    assertThat(run("runtime", "rollback", "--resume").out()).contains("to 2.0 goes on");
    awaitPhase("Soaking");

    CompletableFuture<Said> watched = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> watched.complete(run("runtime", "status", "--watch")));
    assertThat(run("runtime", "rollback").out()).contains("to 2.0 is taken back");

    Said seen = watched.get(SOON.toSeconds(), TimeUnit.SECONDS);
    assertThat(seen.exitCode()).as("a patch that went back").isEqualTo(1);
    // A line for the change, or what there is where it was over before the watch began.
    assertThat(seen.out()).containsPattern("to 2\\.0:? +returned").contains("went back: asked for");
    assertThat(proxies).allSatisfy(p -> assertThat(p.last().runningVersion()).isEqualTo("1.0"));

    Said again =
        run(
            "runtime", "patch", "--to", "2.0", "-n", shop, "--waves", "1,100%", "--soak", "0s",
            "-w");
    assertThat(again.exitCode()).as(again.out() + again.err()).isZero();
    assertThat(again.out()).contains("done, wave 2 of 2, 3 of 3 proxies patched");
    assertThat(proxies).allSatisfy(p -> assertThat(p.last().runningVersion()).isEqualTo("2.0"));
  }

  @Test
  void a_proxy_that_has_no_memory_for_a_second_process_is_named_before_anything_begins()
      throws Exception {
    KubernetesControlPlane plane = start("one");
    List<SimulatedProxy> proxies = proxies(2);
    proxies.get(1).room(0);
    for (SimulatedProxy proxy : proxies) {
      proxy.connect(plane.grpcAddress());
    }
    awaitHeard(2);
    push(plane, bundle("2.0"), token("meshctl-pusher"));

    Said dry = run("runtime", "patch", "--to", "2.0", "-n", shop, "--dry-run");
    assertThat(dry.exitCode()).isEqualTo(1);
    assertThat(dry.out()).contains("NotEnoughMemory").contains("app-1." + shop + " has 0 MB");
    assertThat(run("runtime", "patch", "--to", "2.0", "-n", shop).exitCode()).isZero();
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(status("{.items[0].status.phase} {.items[0].status.reason}"))
                .isEqualTo("Refused NotEnoughMemory"));
    assertThat(ordered(proxies)).isZero();
  }

  private void awaitPhase(String phase) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(status("{.items[0].status.phase}")).isEqualTo(phase));
  }

  @Test
  void who_may_read_services_may_neither_patch_nor_push_and_is_told_what_is_missing()
      throws Exception {
    KubernetesControlPlane plane = start("one");
    CLUSTER
        .apply(
            """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: reads, namespace: %1$s}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: reads, namespace: %1$s}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
            subjects: [{kind: ServiceAccount, name: reads, namespace: %1$s}]
            """
                .formatted(shop))
        .text();
    Path reader = mesh.kubeconfig(shop, "reads");
    assertThat(CLUSTER.kubectl("--kubeconfig=" + reader, "-n", shop, "get", "services").exit())
        .isZero();

    Said patch = runWith(reader, "runtime", "patch", "--to", "2.0", "-n", shop);
    assertThat(patch.exitCode()).isEqualTo(1);
    assertThat(patch.err())
        .contains("you may not create runtimepatches.runtime.meshctl.dev in namespace " + shop)
        .contains("ClusterRole meshctl-operator in namespace " + shop);
    Output applied =
        CLUSTER.kubectl(
            "--kubeconfig=" + reader, "auth", "can-i", "create", "runtimepatches", "-n", shop);
    assertThat(applied.out()).contains("no");

    String viewer = token("meshctl-viewer");
    Path bundle = bundle("2.0");
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> push(plane, bundle, viewer))
        .isInstanceOf(MeshQueryException.Denied.class)
        .hasMessageContaining("may not create runtimebundles.runtime.meshctl.dev");

    CLUSTER
        .kubectl(
            "-n",
            shop,
            "create",
            "rolebinding",
            "operates",
            "--clusterrole=meshctl-operator",
            "--serviceaccount=" + shop + ":reads")
        .text();
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          Said allowed = runWith(reader, "runtime", "patch", "--to", "2.0", "-n", shop);
          assertThat(allowed.exitCode()).as(allowed.err()).isZero();
        });
    assertThat(runWith(reader, "runtime", "patch", "--to", "2.0").err())
        .as("but not the whole mesh")
        .contains("in namespace " + system);
  }

  @Test
  void the_api_server_refuses_orders_that_contradict_themselves_or_change_afterwards() {
    assertThat(order("waves: [0]").err()).contains("expected: numbers from 1 and percentages");
    assertThat(order("soak: soon").err()).contains("spec.soak");
    assertThat(order("gate: {success: 101}").err()).contains("spec.gate.success");
    assertThat(order("wavs: [1]").err()).contains("unknown field \"spec.wavs\"");
    order("waves: [1, 50%]").text();
    Output changed =
        CLUSTER.kubectl(
            "-n",
            shop,
            "patch",
            "runtimepatch",
            "order",
            "--type=merge",
            "-p",
            "{\"spec\":{\"version\":\"3.0\"}}");
    assertThat(changed.err()).contains("stays as it was created");
    CLUSTER
        .kubectl(
            "-n",
            shop,
            "patch",
            "runtimepatch",
            "order",
            "--type=merge",
            "-p",
            "{\"spec\":{\"rollback\":true}}")
        .text();
  }

  private Output order(String field) {
    return CLUSTER.apply(
        """
        apiVersion: runtime.meshctl.dev/v1alpha1
        kind: RuntimePatch
        metadata: {name: order, namespace: %s}
        spec:
          version: "2.0"
          %s
        """
            .formatted(shop, field));
  }

  private static long ordered(List<SimulatedProxy> proxies) {
    return proxies.stream().filter(proxy -> !proxy.orders().isEmpty()).count();
  }

  private String status(String path) {
    return get("runtimepatches", shop, path);
  }

  private static String get(String resource, String namespace, String path) {
    return CLUSTER
        .kubectl("-n", namespace, "get", resource, "-o", "jsonpath=" + path)
        .text()
        .strip();
  }

  private void awaitHeard(int proxies) {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    get("runtimereplicas", system, "{.items[*].status.proxies[*].instance}")
                        .split(" "))
                .hasSize(proxies));
  }

  /** Half of a hundred requests to its workload failed. */
  private void failures(SimulatedProxy of, KubernetesControlPlane plane) throws Exception {
    WorkloadRef app = new WorkloadRef("app", shop, "app", "v1");
    EdgeSample sample =
        new EdgeSample(
            new EdgeKey(app, "app." + shop, app, EdgeKey.Protocol.HTTP1, true, ""),
            List.of(
                new EdgeSample.ResponseCount(200, -1, "", 50),
                new EdgeSample.ResponseCount(500, -1, "", 50)),
            0,
            0,
            LatencyHistogram.Counts.EMPTY);
    ManagedChannel channel = of.channel(plane.grpcAddress());
    open.add(channel::shutdownNow);
    StreamObserver<dev.meshctl.model.wire.telemetry.Report> stream =
        TelemetryServiceGrpc.newStub(channel).stream(new Deaf());
    stream.onNext(
        TelemetryCodec.encode(
            new TelemetryReport(
                of.id(),
                InstantSource.system().millis() - 1000,
                Duration.ofSeconds(1),
                List.of(sample))));
  }

  private static final class Deaf implements StreamObserver<ReportAck> {
    @Override
    public void onNext(ReportAck ack) {}

    @Override
    public void onError(Throwable gone) {}

    @Override
    public void onCompleted() {}
  }

  private List<SimulatedProxy> proxies(int count) throws Exception {
    ClusterConnection connection = CLUSTER.connect();
    open.add(connection);
    CertificateAuthority authority =
        new ClusterAuthority(
                connection.objects(),
                system,
                "cluster.local",
                Duration.ofHours(1),
                InstantSource.system(),
                new SecureRandom())
            .open();
    List<SimulatedProxy> proxies = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SimulatedProxy proxy = new SimulatedProxy(shop, "app-" + i, i + 1, authority);
      open.add(proxy);
      proxies.add(proxy);
    }
    return proxies;
  }

  private KubernetesControlPlane start(String replica) throws Exception {
    return mesh.start(
        "", replica, Map.of("MESHCTL_RUNTIME_KEYS", scratch.resolve("keys.json").toString()));
  }

  private String token(String account) {
    return CLUSTER
        .kubectl("-n", system, "create", "token", account, "--audience=meshctl-query")
        .text()
        .strip();
  }

  private Path bundle(String version) throws Exception {
    Path contents = Files.createDirectories(scratch.resolve("contents/lib"));
    Files.writeString(contents.resolve("a.jar"), version.repeat(100));
    Path file = scratch.resolve(version + ".meshbundle");
    BundleWriter.write(
        scratch.resolve("contents"),
        new BundleWriter.Description(
            version, "", new Manifest.Requirements(25, "", "linux", "amd64"), 1, List.of()),
        KEY,
        file,
        path -> {});
    return file;
  }

  /** As the CLI does once it has forwarded a port. */
  private void push(KubernetesControlPlane plane, Path file, String token) throws Exception {
    VerifiedBundle bundle = BundleFile.verify(file, List.of(KEY.trusted()));
    String trust = get("configmap/meshctl-ca-root-cert", system, "{.data['root-cert\\.pem']}");
    try (MeshClient client =
            MeshClient.over(
                "https:/" + plane.queryAddress(), trust + "\n", () -> token, "", () -> {});
        FileChannel channel = FileChannel.open(file)) {
      ByteBuffer all = ByteBuffer.allocate((int) channel.size());
      channel.read(all, 0);
      client.sendBundle(bundle.digest(), 0, all.array(), true);
    }
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(get("runtimereplicas", system, "{.items[*].status.bundles[*].digest}"))
                .contains(bundle.digest()));
  }

  private Said run(String... words) {
    return runWith(CLUSTER.kubeconfig(), words);
  }

  private Said runWith(Path kubeconfig, String... words) {
    return new MeshctlInProcess(scratch, List.of("--system-namespace", system))
        .run(kubeconfig, words);
  }
}
