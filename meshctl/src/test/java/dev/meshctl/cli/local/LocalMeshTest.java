package dev.meshctl.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.context.RunningMeshes;
import dev.meshctl.cli.local.process.ChildProcesses;
import dev.meshctl.cli.local.process.RuntimeLaunch;
import dev.meshctl.model.resource.Deployment;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.PodTemplate.EnvironmentVariable;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.Position;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.WorkloadInstance;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The supervisor with real processes, of which only the runtime's inside is a stand-in. */
@EnabledOnOs(OS.LINUX)
class LocalMeshTest {
  @TempDir Path folder;

  private final AtomicReference<MeshReader.Reading> configuration = new AtomicReference<>(good(2));
  private RunningMeshes meshes = RunningMeshes.of(Map.of());
  private Path config = Path.of("");
  private RuntimeLaunch launch =
      new RuntimeLaunch(Path.of("java"), List.of(), "", Optional.empty());

  @BeforeEach
  void make_a_folder_and_a_stand_in_for_the_runtime() throws IOException {
    meshes =
        RunningMeshes.of(Map.of(RunningMeshes.STATE_VARIABLE, folder.resolve("state").toString()));
    config = Files.createDirectory(folder.resolve("config"));
    String run =
        "#!/bin/sh\nexec "
            + Path.of(System.getProperty("java.home"), "bin", "java")
            + " -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx32m -cp '"
            + System.getProperty("java.class.path")
            + "' "
            + FakeRuntime.class.getName()
            + " \"$@\"\n";
    Path bin = Files.createDirectory(config.resolve("bin"));
    Path program = Files.writeString(bin.resolve("web"), run);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    launch = new RuntimeLaunch(program, List.of(), "", Optional.empty());
  }

  @Test
  void a_mesh_comes_up_heals_scales_and_leaves_nothing() throws Exception {
    LocalMesh mesh = start(false);
    List<LocalStatus.ProcessStatus> processes;
    try (mesh) {
      assertThat(mesh.status().phase()).isEqualTo(LocalStatus.Phase.RUNNING);
      assertThat(meshes.find(Optional.empty()).name()).isEqualTo("test");
      assertThat(inventory()).extracting(WorkloadInstance::name).containsExactly("web-0", "web-1");
      assertThat(inventory()).allMatch(WorkloadInstance::ready);

      LocalStatus.ProcessStatus victim = process(mesh, "shop.web-0");
      ProcessHandle.of(victim.pid()).orElseThrow().destroyForcibly();
      soon().until(() -> process(mesh, "shop.web-0").restarts() == 1);
      soon().until(() -> process(mesh, "shop.web-0").state().equals("READY"));
      assertThat(process(mesh, "shop.web-0").lastExit()).isEqualTo("killed by signal 9");
      soon().until(() -> inventory().stream().allMatch(WorkloadInstance::ready));

      change(good(1));
      soon().until(() -> inventory().size() == 1);
      assertThat(mesh.status().processes())
          .extracting(LocalStatus.ProcessStatus::name)
          .contains("shop.web-0")
          .doesNotContain("shop.web-1");

      change(new MeshReader.Reading.Broken(List.of(finding())));
      soon().until(() -> !mesh.status().diagnostics().isEmpty());
      assertThat(inventory()).as("the last good state stays in force").hasSize(1);
      processes = mesh.status().processes();
    }
    assertThat(processes).noneMatch(p -> p.pid() != 0 && lives(p.pid()));
    assertThat(meshes.folder("test")).doesNotExist();
    assertThat(meshes.running()).isEmpty();
  }

  @Test
  void in_namespaces_too() throws Exception {
    assumeNamespaces();
    LocalMesh mesh = start(true);
    List<LocalStatus.ProcessStatus> processes;
    String cable;
    try (mesh) {
      assertThat(inventory()).allMatch(WorkloadInstance::ready);
      assertThat(inventory().getFirst().address()).startsWith("10.");
      cable = "meshctl" + mesh.endpoint().url().split("\\.")[1];
      assertThat(NetworkInterface.getByName(cable)).isNotNull();
      LocalStatus.ProcessStatus workload = process(mesh, "shop.web-0");
      assertThat(namespaceOf(workload.pid()))
          .isNotEqualTo(namespaceOf(ProcessHandle.current().pid()));
      assertThat(namespaceOf(workload.pid()))
          .as("a sidecar stands beside its workload")
          .isEqualTo(namespaceOf(process(mesh, "shop.web-0.sidecar").pid()));
      assertThat(Files.readString(Path.of("/proc/" + workload.pid() + "/root/etc/resolv.conf")))
          .contains("search shop.svc.cluster.local");
      processes = mesh.status().processes();
    }
    assertThat(processes).noneMatch(p -> p.pid() != 0 && lives(p.pid()));
    String gone = cable;
    soon().until(() -> NetworkInterface.getByName(gone) == null);
    assertThat(meshes.folder("test")).doesNotExist();
  }

  @Test
  void a_second_mesh_of_the_same_name_is_refused_and_the_first_goes_on() throws Exception {
    try (RunFolder first = RunFolder.take(meshes, "test")) {
      assertThatThrownBy(() -> start(false))
          .isInstanceOf(CommandFailure.class)
          .hasMessageContaining("a mesh test runs already");
      assertThat(first.folder()).exists();
    }
  }

  @Test
  void what_a_dead_supervisor_left_is_no_hindrance() throws Exception {
    Path left = meshes.prepare("test");
    Files.writeString(left.resolve("status.json"), "{}");

    try (RunFolder taken = RunFolder.take(meshes, "test")) {
      assertThat(taken.folder().resolve("status.json")).doesNotExist();
    }
  }

  @Test
  void a_broken_configuration_is_shown_and_nothing_is_started() {
    configuration.set(new MeshReader.Reading.Broken(List.of(finding())));

    assertThatThrownBy(() -> start(false))
        .isInstanceOfSatisfying(
            CommandFailure.class,
            failure -> {
              assertThat(failure.exitCode().number()).isEqualTo(2);
              assertThat(failure.details())
                  .containsExactly("MESH0001 cart.yaml (cart.yaml:3:7): no; yes");
            });
    assertThat(meshes.folder("test")).doesNotExist();
  }

  @Test
  void who_holds_a_port_that_is_needed_is_named() throws Exception {
    try (ServerSocket stranger = new ServerSocket()) {
      stranger.bind(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0));
      configuration.set(new MeshReader.Reading.Good(mesh(1, stranger.getLocalPort()), List.of()));

      assertThatThrownBy(() -> start(false))
          .isInstanceOfSatisfying(
              CommandFailure.class,
              failure ->
                  assertThat(failure.details())
                      .anySatisfy(line ->
                          assertThat(line)
                              .contains(":" + stranger.getLocalPort() + " (web-0)")
                              .contains("(pid " + ProcessHandle.current().pid() + ")")));
    }
    assertThat(meshes.folder("test")).doesNotExist();
  }

  @Test
  void a_container_without_a_command_is_refused() {
    PodTemplate.Container image =
        new PodTemplate.Container(
            "c", "nginx", List.of(), List.of(), List.of(), List.of(), Optional.empty());
    configuration.set(new MeshReader.Reading.Good(mesh(1, image), List.of()));

    assertThatThrownBy(() -> start(false))
        .isInstanceOfSatisfying(
            CommandFailure.class,
            failure ->
                assertThat(failure.details())
                    .containsExactly("Deployment shop/web: container c has no command"));
  }

  private LocalMesh start(boolean transparent) throws Exception {
    return LocalMesh.start(
        new LocalMeshOptions("test", config, config.resolve("bin"), transparent),
        meshes,
        new LocalMesh.Seams(
            path -> java.util.Objects.requireNonNull(configuration.get()),
            launch,
            endpoint -> Files.exists(Path.of(endpoint.trustBundleFile()))),
        Progress.SILENT);
  }

  private void change(MeshReader.Reading reading) throws IOException {
    configuration.set(reading);
    Files.writeString(config.resolve("touched.yaml"), Integer.toString(reading.hashCode()));
  }

  private List<WorkloadInstance> inventory() throws IOException {
    return ConfigFiles.readInventory(meshes.folder("test").resolve("inventory.json")).instances();
  }

  private static LocalStatus.ProcessStatus process(LocalMesh mesh, String name) {
    return mesh.status().processes().stream()
        .filter(p -> p.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static MeshReader.Reading good(int replicas) {
    return new MeshReader.Reading.Good(mesh(replicas, 8080), List.of());
  }

  private static ValidatedMesh mesh(int replicas, int port) {
    return mesh(
        replicas,
        new PodTemplate.Container(
            "web",
            "",
            List.of("web", "serve"),
            List.of(),
            List.of(new EnvironmentVariable.PodField("POD_IP", "status.podIP")),
            List.of(new PodTemplate.ContainerPort("http", port)),
            Optional.of(new PodTemplate.Probe.HttpGet("/", new PortRef.Name("http")))));
  }

  private static ValidatedMesh mesh(int replicas, PodTemplate.Container container) {
    Deployment deployment =
        new Deployment(
            new Metadata("shop", "web", Map.of(), Map.of()),
            replicas,
            Map.of("app", "web"),
            new PodTemplate(Map.of("app", "web"), Map.of(), "web", List.of(container)));
    return new ValidatedMesh(
        "cluster.local",
        "istio-system",
        List.of(new Located<>(deployment, Map.of("", new Position("web.yaml", 1, 1)))));
  }

  private static Diagnostic finding() {
    return new Diagnostic(
        "MESH0001",
        Diagnostic.Severity.ERROR,
        "cart.yaml",
        new Position("cart.yaml", 3, 7),
        "",
        "no",
        "yes");
  }

  private static void assumeNamespaces() throws IOException {
    boolean root = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    boolean tools =
        List.of("ip", "iptables-restore", "nsenter", "unshare", "setpriv").stream()
            .allMatch(tool -> ChildProcesses.onPath(tool).isPresent());
    if (!root || !tools) {
      System.err.println("SKIPPED: namespaces need root, iproute2, iptables and util-linux");
    }
    Assumptions.assumeTrue(root && tools);
  }

  private static Path namespaceOf(long pid) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net"));
  }

  private static boolean lives(long pid) {
    return ProcessHandle.of(pid).isPresent();
  }

  private static ConditionFactory soon() {
    return await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions();
  }
}
