package dev.meshctl.cluster.patch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.model.patch.Candidate;
import dev.meshctl.model.patch.Gate;
import dev.meshctl.model.patch.PatchBook;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.PatchState.Phase;
import dev.meshctl.model.patch.RunningRuntime;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.query.RuntimeView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What a leader makes of a patch, and what of it can be read again by the next one. */
class PatchLeadTest {
  private static final String DIGEST = "ab".repeat(32);
  private static final RunningRuntime OLD = new RunningRuntime("1.0", "");
  private static final RunningRuntime NEW = new RunningRuntime("2.0", DIGEST);
  private static final RuntimeView.Bundle BUNDLE =
      new RuntimeView.Bundle(DIGEST, "2.0", "", "key", 10, 150_000_000, 0);

  private final List<ReplicaReport.Connected> proxies = new ArrayList<>();
  private boolean held = true;
  private String node = "";
  private Optional<Set<String>> pods = Optional.empty();

  @Test
  void a_patch_waits_for_its_bundle_and_says_which_there_are() {
    connect("cart-1", OLD, 0, Stage.RUNNING);
    PatchStatus status = lead(patch("{version: '3.0'}"), PatchStatus.NONE);

    assertThat(status.phase()).isEqualTo("Waiting");
    assertThat(status.reason()).isEqualTo("BundleMissing");
    assertThat(status.message()).contains("version 3.0").contains("[2.0]").contains("push");
  }

  @Test
  void a_patch_concerns_its_namespace_and_that_of_the_mesh_all() {
    connect("cart-1", OLD, 0, Stage.RUNNING);

    assertThat(lead(patch("other", "{version: '2.0'}"), PatchStatus.NONE).reason())
        .isEqualTo("NoProxies");
    assertThat(lead(patch("system", "{version: '2.0'}"), PatchStatus.NONE).phase())
        .isEqualTo("Rolling");
    assertThat(
            lead(patch("{version: '2.0', selector: {matchLabels: {app: other}}}"), PatchStatus.NONE)
                .reason())
        .isEqualTo("NoProxies");
  }

  @Test
  void a_patch_that_a_proxy_has_no_memory_for_is_refused_before_it_begins() {
    connect("cart-1", OLD, 0, Stage.RUNNING, 150_000_000);
    connect("cart-2", OLD, 0, Stage.RUNNING, 149_999_999);

    PatchStatus status = lead(patch("{version: '2.0'}"), PatchStatus.NONE);

    assertThat(status.phase()).isEqualTo("Refused");
    assertThat(status.reason()).isEqualTo("NotEnoughMemory");
    assertThat(status.message())
        .startsWith("memory: a second process needs 150 MB")
        .contains("1 of 2 proxies: cart-2.shop has 149 MB; raise their limit");
    assertThat(lead(patch("{version: '2.0', proxies: [cart-1]}"), PatchStatus.NONE).phase())
        .as("the others can be patched")
        .isEqualTo("Rolling");
  }

  @Test
  void the_next_leader_goes_on_from_the_status_alone() {
    connect("cart-1", OLD, 4, Stage.RUNNING);
    connect("cart-2", OLD, 0, Stage.RUNNING);
    PatchStatus begun = lead(patch("{version: '2.0', waves: [1], soak: 0s}"), PatchStatus.NONE);
    assertThat(begun.state().map(PatchState::wave)).contains(0);
    assertThat(begun.state().orElseThrow().order("cart-1").orElseThrow().generation())
        .as("beyond what the proxy has heard of")
        .isEqualTo(5);

    proxies.clear();
    connect("cart-1", NEW, 5, Stage.DONE);
    connect("cart-2", OLD, 0, Stage.RUNNING);
    PatchStatus next = lead(patch("{version: '2.0', waves: [1], soak: 0s}"), reread(begun));

    assertThat(next.state().map(PatchState::wave)).contains(1);
    assertThat(next.state().orElseThrow().order("cart-2")).isPresent();
  }

  @Test
  void while_no_replica_has_the_bundle_no_wave_begins_and_then_it_goes_on() {
    connect("cart-1", OLD, 0, Stage.RUNNING);
    connect("cart-2", OLD, 0, Stage.RUNNING);
    RuntimePatch patch = patch("{version: '2.0', waves: [1], soak: 0s}");
    PatchStatus begun = lead(patch, PatchStatus.NONE);
    held = false;
    proxies.clear();
    connect("cart-1", NEW, 1, Stage.DONE);
    connect("cart-2", OLD, 0, Stage.RUNNING);

    PatchStatus without = lead(patch, begun);
    assertThat(without.reason()).isEqualTo("BundleMissing");
    assertThat(without.state().orElseThrow().order("cart-2")).isEmpty();

    held = true;
    PatchStatus again = lead(patch, reread(without));
    assertThat(again.reason()).isEmpty();
    assertThat(again.state().orElseThrow().order("cart-2")).isPresent();
  }

  @Test
  void taken_back_it_orders_what_ran_before() {
    connect("cart-1", OLD, 0, Stage.RUNNING);
    PatchStatus begun = lead(patch("{version: '2.0'}"), PatchStatus.NONE);

    PatchStatus back = lead(patch("{version: '2.0', rollback: true}"), begun);

    assertThat(back.state().map(PatchState::phase)).contains(Phase.RETURNING);
    assertThat(back.state().orElseThrow().order("cart-1").orElseThrow().generation()).isEqualTo(2);
  }

  @Test
  void a_pod_that_began_anew_with_another_address_holds_nobody_up() {
    connect("sidecar~10.0.0.1~cart-1.shop~shop", OLD, 0, Stage.RUNNING);
    connect("sidecar~10.0.0.2~cart-2.shop~shop", OLD, 0, Stage.RUNNING);
    RuntimePatch patch = patch("{version: '2.0', waves: [1], soak: 0s}");
    PatchStatus begun = lead(patch, PatchStatus.NONE);
    proxies.clear();
    connect("sidecar~10.0.0.2~cart-2.shop~shop", OLD, 0, Stage.RUNNING);
    PatchStatus away = lead(patch, begun);
    assertThat(away.state().map(PatchState::wave)).as("it may come back").contains(0);

    connect("sidecar~10.0.0.9~cart-1.shop~shop", OLD, 0, Stage.RUNNING);
    PatchStatus next = lead(patch, reread(away));

    assertThat(next.state().map(PatchState::wave)).contains(1);
  }

  @Test
  void a_pod_that_is_deleted_holds_nobody_up() {
    connect("sidecar~10.0.0.1~cart-1.shop~shop", OLD, 0, Stage.RUNNING);
    connect("sidecar~10.0.0.2~cart-2.shop~shop", OLD, 0, Stage.RUNNING);
    RuntimePatch patch = patch("{version: '2.0', waves: [1], soak: 0s}");
    PatchStatus begun = lead(patch, PatchStatus.NONE);
    proxies.removeFirst();
    pods = Optional.of(Set.of("cart-1.shop", "cart-2.shop"));
    PatchStatus away = lead(patch, begun);
    assertThat(away.state().map(PatchState::wave)).as("it may come back").contains(0);

    pods = Optional.of(Set.of("cart-2.shop"));
    PatchStatus next = lead(patch, reread(away));

    assertThat(next.state().map(PatchState::wave)).contains(1);
  }

  @Test
  void the_next_leader_knows_how_many_may_begin_on_which_node() {
    node = "n1";
    connect("cart-1", OLD, 0, Stage.RUNNING);
    connect("cart-2", OLD, 0, Stage.RUNNING);
    node = "n2";
    connect("cart-3", OLD, 0, Stage.RUNNING);
    RuntimePatch patch = patch("{version: '2.0', waves: ['100%'], perNode: 1}");
    PatchStatus begun = lead(patch, PatchStatus.NONE);
    assertThat(ordered(begun)).containsExactly("cart-1", "cart-3");
    assertThat(ordered(lead(patch, reread(patch, begun)))).containsExactly("cart-1", "cart-3");

    proxies.removeFirst();
    node = "n1";
    connect("cart-1", NEW, 1, Stage.WATCHING);
    assertThat(ordered(lead(patch, reread(patch, begun))))
        .containsExactly("cart-1", "cart-2", "cart-3");
  }

  private static List<String> ordered(PatchStatus status) {
    return status.state().orElseThrow().standing(PatchState.Standing.ORDERED);
  }

  @Test
  void a_patch_of_proxies_that_another_patches_never_begins() {
    connect("cart-1", OLD, 0, Stage.RUNNING);
    PatchStatus first = lead(patch("{version: '2.0'}"), PatchStatus.NONE);
    PatchBook book = new PatchBook(List.of(first.state().orElseThrow()));
    RuntimePatch second = named("shop", "second", "{version: '2.0'}");

    PatchStatus status = new PatchLead("system", book, sight()).next(second, 1);

    assertThat(status.phase()).isEqualTo("Refused");
    assertThat(status.message()).contains("shop/order is under way");
    assertThat(new PatchLead("system", PatchBook.EMPTY, sight()).next(with(second, status), 2))
        .as("nor when the other is over")
        .isEqualTo(status);
  }

  @Test
  void the_newest_word_of_a_proxy_counts_and_what_replicas_measured_is_added_up() {
    connect("cart-1", NEW, 1, Stage.DONE);
    ReplicaReport.Connected older =
        new ReplicaReport.Connected(
            proxies.getFirst().proxy(), report("cart-1", OLD, 0, Stage.RUNNING), 5, false);
    ReplicaSight sight =
        ReplicaSight.of(
            List.of(
                new ReplicaReport(
                    "a", "", List.of(), proxies, Map.of("p", new Gate.Measured(10, 1, 7))),
                new ReplicaReport(
                    "b", "", List.of(), List.of(older), Map.of("p", new Gate.Measured(5, 2, 9)))));

    assertThat(sight.proxies().values())
        .singleElement()
        .satisfies(each -> assertThat(each.report().runningVersion()).isEqualTo("2.0"));
    assertThat(sight.measured("p")).isEqualTo(new Gate.Measured(15, 3, 9));
  }

  @Test
  void what_does_not_read_is_named_by_its_field() {
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> patch("{version: '2', soak: soon}"))
        .hasMessageContaining("spec.soak: 'soon'");
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> patch("{version: '2', waves: [0]}"))
        .hasMessageContaining("waves: '0'");
  }

  @Test
  void what_is_ordered_reads_as_it_was_written() {
    PatchSpec spec =
        PatchSpec.read(
            tree(
                "{version: '2.0', digest: abababab, selector: {matchLabels: {app: cart}}, proxies: [x],"
                    + " waves: [1, 50%], gate: {success: 99.5, p99: 250ms, requests: 3, window: 1m30s},"
                    + " soak: 2m, limits: {ready: 5s, drain: 0s, watch: 1500ms}, onFailure: Wave, perNode: 7,"
                    + " paused: true, rollback: true}"));

    assertThat(PatchSpec.read(spec.write())).isEqualTo(spec);
    assertThat(spec.gate().window()).isEqualTo(Duration.ofSeconds(90));
    assertThat(spec.write().path("gate").path("success").asDouble()).isEqualTo(99.5);
  }

  private void connect(String id, RunningRuntime running, long generation, Stage stage) {
    connect(id, running, generation, stage, RuntimeReport.UNLIMITED);
  }

  private void connect(
      String id, RunningRuntime running, long generation, Stage stage, long roomBytes) {
    proxies.add(
        new ReplicaReport.Connected(
            new Candidate(id, "shop", "cart", id, node, Map.of("app", "cart"), running, roomBytes),
            report(id, running, generation, stage).withRoom(roomBytes),
            10,
            false));
  }

  private static RuntimeReport report(
      String id, RunningRuntime running, long generation, Stage stage) {
    return new RuntimeReport(
        id, generation, stage, running.version(), running.digest(), "", 0, Duration.ZERO);
  }

  private ReplicaSight sight() {
    ReplicaReport written =
        new ReplicaReport(
            "one", "10.0.0.1:15012", held ? List.of(BUNDLE) : List.of(), proxies, Map.of());
    ObjectNode tree = tree("{apiVersion: runtime.meshctl.dev/v1alpha1, kind: RuntimeReplica}");
    tree.putObject("metadata").put("name", "one").put("namespace", "system");
    tree.set("status", written.write());
    ReplicaReport read = ReplicaReport.read(new ClusterObject(tree));
    assertThat(read).isEqualTo(written);
    return ReplicaSight.of(List.of(read), pods);
  }

  private PatchStatus lead(RuntimePatch patch, PatchStatus status) {
    PatchBook book = new PatchBook(status.state().stream().toList());
    return new PatchLead("system", book, sight()).next(with(patch, status), 1_000);
  }

  /** What the API server keeps of it, and nothing else. */
  private static PatchStatus reread(PatchStatus status) {
    return reread(patch("{version: '2.0', waves: [1], soak: 0s}"), status);
  }

  private static PatchStatus reread(RuntimePatch patch, PatchStatus status) {
    PatchStatus read = PatchStatus.read(patch.id(), patch.spec(), tree(status.write(1).toString()));
    assertThat(read).isEqualTo(status);
    return read;
  }

  private static RuntimePatch with(RuntimePatch patch, PatchStatus status) {
    return new RuntimePatch(patch.object(), patch.spec(), status);
  }

  private static RuntimePatch patch(String spec) {
    return patch("shop", spec);
  }

  private static RuntimePatch patch(String namespace, String spec) {
    return named(namespace, "order", spec);
  }

  private static RuntimePatch named(String namespace, String name, String spec) {
    PatchSpec read = PatchSpec.read(tree(spec));
    return new RuntimePatch(RuntimePatch.fresh(namespace, name, "", read), read, PatchStatus.NONE);
  }

  private static ObjectNode tree(String yaml) {
    return (ObjectNode) YAMLMapper.builder().build().readTree(yaml);
  }
}
