package dev.meshctl.controlplane.patch;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.model.patch.Gate;
import dev.meshctl.model.patch.PatchBook.Beginning;
import dev.meshctl.model.patch.PatchEvent;
import dev.meshctl.model.patch.PatchPlan;
import dev.meshctl.model.patch.PatchState.Phase;
import dev.meshctl.model.patch.RunningRuntime;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.xds.RuntimeOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PatchesTest {
  private static final RunningRuntime NEW = new RunningRuntime("1.1", "ab".repeat(32));

  @TempDir Path folder = Path.of("");
  private Path file = Path.of("");
  private long now = 1_000;
  private final Mesh mesh = new Mesh();

  /** A mesh as patches see it. */
  private static final class Mesh implements Patches.World {
    final Set<String> gone = new HashSet<>();
    final Set<String> refusing = new HashSet<>();
    Gate.Measured measured = new Gate.Measured(0, 0, 0);
    int told;

    @Override
    public boolean connected(String proxyId) {
      return !gone.contains(proxyId);
    }

    @Override
    public List<String> refusing(Collection<String> among) {
      return among.stream().filter(refusing::contains).toList();
    }

    @Override
    public Gate.Measured measured(Collection<String> proxies, Duration window) {
      return measured;
    }

    @Override
    public void ordersChanged() {
      told++;
    }
  }

  @BeforeEach
  void place() {
    file = folder.resolve("patches.json");
  }

  /** A control plane that comes up: with what is in the file, and no time that passes by itself. */
  private Patches open() throws IOException {
    return Patches.open(file, mesh, () -> java.time.Instant.ofEpochMilli(now), length -> {});
  }

  private static PatchPlan plan(Patches patches, String id, String... waves) {
    List<List<String>> proxies =
        List.of(waves).stream().map(wave -> List.of(wave.split(","))).toList();
    Map<String, RunningRuntime> before = new java.util.HashMap<>();
    proxies.forEach(wave -> wave.forEach(p -> before.put(p, new RunningRuntime("1.0", ""))));
    return new PatchPlan(
        id,
        NEW,
        proxies,
        before,
        patches.generations(),
        RuntimeOrder.Limits.DEFAULT,
        Gate.DEFAULT,
        Duration.ofSeconds(5),
        PatchPlan.Undo.ALL,
        PatchPlan.Pace.usual());
  }

  private static void follow(Patches patches, String proxy) throws IOException {
    RuntimeOrder order = patches.order(proxy).orElseThrow();
    RunningRuntime running =
        order.target() instanceof RuntimeOrder.Target.Bundle ? NEW : new RunningRuntime("1.0", "");
    patches.reported(
        new RuntimeReport(
            proxy,
            order.generation(),
            Stage.DONE,
            running.version(),
            running.digest(),
            "",
            0,
            Duration.ZERO));
  }

  private void after(Patches patches, Duration time) throws IOException {
    now += time.toMillis();
    patches.tick();
  }

  private static Phase phase(Patches patches) {
    return patches.all().getLast().phase();
  }

  @Test
  void a_control_plane_that_dies_at_any_moment_is_gone_on_with_by_the_next() throws IOException {
    assertThat(open().begin(plan(open(), "p", "a", "b"))).isInstanceOf(Beginning.Begun.class);
    RuntimeOrder order = open().order("a").orElseThrow();
    assertThat(order.generation()).isEqualTo(1);

    follow(open(), "a");
    assertThat(phase(open())).isEqualTo(Phase.SOAKING);
    after(open(), Duration.ofSeconds(5));
    assertThat(open().order("b")).isPresent();
    follow(open(), "b");
    after(open(), Duration.ofSeconds(5));

    assertThat(phase(open())).isEqualTo(Phase.DONE);
    assertThat(open().order("a")).as("it stays in force").contains(order);
  }

  @Test
  void what_cannot_be_kept_is_not_told() throws IOException {
    Patches patches = open();
    PatchPlan plan = plan(patches, "p", "a");
    Files.createDirectory(folder.resolve("patches.json.fresh"));

    assertThatThrownBy(() -> patches.begin(plan)).isInstanceOf(IOException.class);

    assertThat(patches.order("a")).isEmpty();
    assertThat(mesh.told).isZero();
  }

  @Test
  void measurements_that_trip_the_gate_take_all_back() throws IOException {
    Patches patches = open();
    patches.begin(plan(patches, "p", "a", "b"));
    follow(patches, "a");
    mesh.measured = new Gate.Measured(1000, 0, 900);
    after(patches, Duration.ofSeconds(1));
    assertThat(phase(patches)).isEqualTo(Phase.SOAKING);

    mesh.measured = new Gate.Measured(1000, 100, 900);
    after(patches, Duration.ofSeconds(1));
    assertThat(patches.all().getLast().problem())
        .isEqualTo("the gate: 90.00% of 1000 requests succeeded (expected: 99.90% or more)");
    follow(patches, "a");

    assertThat(phase(patches)).isEqualTo(Phase.RETURNED);
    assertThat(patches.order("b")).isEmpty();
  }

  @Test
  void a_new_runtime_that_refuses_its_configuration_is_taken_back() throws IOException {
    Patches patches = open();
    patches.begin(plan(patches, "p", "a"));
    mesh.refusing.add("a");
    after(patches, Duration.ofSeconds(1));
    assertThat(phase(patches)).as("the old one refuses it").isEqualTo(Phase.ROLLING);
    follow(patches, "a");
    after(patches, Duration.ofSeconds(1));

    assertThat(phase(patches)).isEqualTo(Phase.RETURNING);
    assertThat(patches.all().getLast().problem()).contains("a refuses its configuration");
  }

  @Test
  void who_is_not_there_is_seen_not_to_be() throws IOException {
    Patches patches = open();
    patches.begin(plan(patches, "p", "a"));
    mesh.gone.add("a");
    after(patches, Duration.ofSeconds(1));

    assertThat(requireNonNull(patches.all().getLast().members().get("a")).connected()).isFalse();
  }

  @Test
  void orders_of_a_new_patch_go_on_from_what_a_proxy_says_it_has_heard() throws IOException {
    Patches patches = open();
    patches.reported(new RuntimeReport("a", 41, Stage.RUNNING, "1.0", "", "", 0, Duration.ZERO));
    patches.begin(plan(patches, "p", "a"));

    assertThat(patches.order("a").orElseThrow().generation()).isEqualTo(42);
  }

  @Test
  void an_operator_takes_back_what_is_done() throws IOException {
    Patches patches = open();
    patches.begin(plan(patches, "p", "a"));
    follow(patches, "a");
    after(patches, Duration.ofSeconds(5));
    int told = mesh.told;

    patches.ask("p", new PatchEvent.TakenBack("asked for"));

    assertThat(mesh.told).isGreaterThan(told);
    assertThat(patches.order("a").orElseThrow().target())
        .isEqualTo(new RuntimeOrder.Target.Shipped("1.0"));
  }

  @Test
  void a_file_that_does_not_read_orders_nothing_rather_than_something_else() throws IOException {
    Files.writeString(file, "{\"patches\": 7}");

    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("patches.json does not read as patches");
  }
}
