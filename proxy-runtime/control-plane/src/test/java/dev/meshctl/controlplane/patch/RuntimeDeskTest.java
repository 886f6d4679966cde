package dev.meshctl.controlplane.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.bundle.BundleException;
import dev.meshctl.bundle.BundleStore;
import dev.meshctl.bundle.SigningKey;
import dev.meshctl.model.patch.Gate;
import dev.meshctl.model.patch.PatchPlan;
import dev.meshctl.model.patch.PatchPlan.Undo;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.PatchState.Phase;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.query.PatchRequest;
import dev.meshctl.model.query.QueryJson;
import dev.meshctl.model.query.RuntimeView;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.RuntimeOrder.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimeDeskTest {
  private static final SigningKey KEY = SigningKey.generate();
  private static final InstantSource CLOCK = () -> Instant.ofEpochMilli(1_000_000);

  @TempDir Path folder = Path.of("");
  private final Map<String, ProxyNode> nodes = new HashMap<>();
  private Served served = new Served();

  /** The desk with what is behind it. */
  private static final class Served {
    @org.jspecify.annotations.Nullable Patches patches;
    @org.jspecify.annotations.Nullable RuntimeDesk desk;

    RuntimeDesk desk() {
      return java.util.Objects.requireNonNull(desk);
    }

    Patches patches() {
      return java.util.Objects.requireNonNull(patches);
    }
  }

  private static final Patches.World QUIET =
      new Patches.World() {
        @Override
        public boolean connected(String proxyId) {
          return true;
        }

        @Override
        public List<String> refusing(Collection<String> among) {
          return List.of();
        }

        @Override
        public Gate.Measured measured(Collection<String> proxies, Duration window) {
          return new Gate.Measured(0, 0, 0);
        }

        @Override
        public void ordersChanged() {}
      };

  @BeforeEach
  void open() throws IOException {
    Path trust = Files.createDirectories(folder.resolve("trust"));
    Files.writeString(trust.resolve("mesh.pub"), KEY.trusted().pem());
    Patches patches = Patches.open(folder.resolve("patches.json"), QUIET, CLOCK, length -> {});
    served.patches = patches;
    BundleShelf shelf =
        new BundleShelf(
            new BundleStore(folder.resolve("bundles"), CLOCK),
            BundleShelf.Trust.folder(trust),
            CLOCK);
    shelf.verify();
    served.desk = new RuntimeDesk(patches, shelf, nodes::get, CLOCK);
  }

  private SmallBundle bundle(String version, SigningKey key) throws IOException {
    return SmallBundle.write(folder, version, key);
  }

  private String push(String version) throws Exception {
    SmallBundle bundle = bundle(version, KEY);
    served.desk().receive(bundle.digest(), 0, bundle.bytes(), true);
    return bundle.digest();
  }

  private void proxy(String namespace, String workload, int replica, String version)
      throws IOException {
    String instance = workload + "-" + replica;
    String id = "sidecar~" + namespace + "~" + instance;
    nodes.put(
        id,
        new ProxyNode(
            id,
            ProxyNode.Role.SIDECAR,
            namespace,
            workload,
            instance,
            workload,
            Map.of("app", workload),
            new ProxyNode.Capture.Transparent("10.0.0.1")));
    served
        .patches()
        .reported(new RuntimeReport(id, 0, Stage.RUNNING, version, "", "", 0, Duration.ZERO));
  }

  /** It says what memory it has left. */
  private void room(String id, long bytes) throws IOException {
    RuntimeReport last = java.util.Objects.requireNonNull(served.patches().reports().get(id));
    served.patches().reported(last.withRoom(bytes));
  }

  private static PatchRequest request(
      String to, String namespace, Map<String, String> selector, List<String> proxies) {
    return new PatchRequest(
        to,
        namespace,
        selector,
        proxies,
        "1,50%",
        Gate.DEFAULT,
        Duration.ZERO,
        Limits.DEFAULT,
        Undo.ALL,
        PatchPlan.Pace.PER_NODE,
        false);
  }

  private static PatchRequest dry(PatchRequest asked) {
    return new PatchRequest(
        asked.to(),
        asked.namespace(),
        asked.selector(),
        asked.proxies(),
        asked.waves(),
        asked.gate(),
        asked.soak(),
        asked.limits(),
        asked.undo(),
        asked.perNode(),
        true);
  }

  private static PatchRequest all(String to) {
    return request(to, "", Map.of(), List.of());
  }

  @Test
  void a_bundle_that_is_no_longer_what_it_was_is_left_out_and_hides_no_other() throws Exception {
    String damaged = push("1.1.0");
    push("1.2.0");
    Path file = folder.resolve("bundles").resolve(damaged + ".meshbundle");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 200));
    open();

    assertThat(served.desk().view().bundles())
        .extracting(RuntimeView.Bundle::version)
        .containsExactly("1.2.0");
    assertThat(served.desk().view().aside())
        .extracting(RuntimeView.Aside::file)
        .containsExactly(damaged + ".meshbundle");
    assertThatThrownBy(() -> served.desk().begin(all("1.1.0")))
        .hasMessage(
            "no bundle 1.1.0 is here (there are: [1.2.0], and not given out: ["
                + damaged
                + ".meshbundle]); push it first");
  }

  @Test
  void a_bundle_comes_in_pieces_and_is_here_once_it_is_whole() throws Exception {
    SmallBundle bundle = bundle("1.1", KEY);
    byte[] bytes = bundle.bytes();
    String digest = bundle.digest();
    RuntimeDesk desk = served.desk();

    assertThat(desk.receive(digest, 0, Arrays.copyOf(bytes, 100), false)).isEqualTo(100);
    assertThat(desk.received(digest)).isEqualTo(100);
    assertThatThrownBy(() -> desk.receive(digest, 90, bytes, false))
        .hasMessage("offset: 90 (expected: 100)");
    desk.receive(digest, 100, Arrays.copyOfRange(bytes, 100, bytes.length), true);

    assertThat(desk.view().bundles())
        .extracting(RuntimeView.Bundle::version)
        .containsExactly("1.1");
    assertThat(desk.received(digest)).isEqualTo(bytes.length);
  }

  @Test
  void a_bundle_of_a_key_that_the_mesh_does_not_trust_is_not_taken() throws Exception {
    SigningKey other = SigningKey.generate();
    SmallBundle bundle = bundle("1.1", other);
    String digest = bundle.digest();

    assertThatThrownBy(() -> served.desk().receive(digest, 0, bundle.bytes(), true))
        .isInstanceOf(BundleException.class)
        .hasMessageContaining("which is not trusted");

    assertThat(served.desk().view().bundles()).isEmpty();
    assertThat(served.desk().received(digest)).as("nothing of it is kept").isZero();
  }

  @Test
  void a_patch_concerns_the_proxies_asked_for_that_run_another_runtime() throws Exception {
    push("1.1");
    proxy("shop", "reviews", 0, "1.0");
    proxy("shop", "reviews", 1, "1.0");
    proxy("shop", "ratings", 0, "1.0");
    proxy("infra", "dns", 0, "1.0");

    assertThat(served.desk().begin(request("1.1", "infra", Map.of(), List.of())).members())
        .containsOnlyKeys("sidecar~infra~dns-0");
    assertThat(
            served
                .desk()
                .begin(request("1.1", "", Map.of("app", "reviews"), List.of("reviews-1")))
                .members())
        .containsOnlyKeys("sidecar~shop~reviews-1");
    assertThatThrownBy(() -> served.desk().begin(all("1.1")))
        .isInstanceOf(RuntimeDesk.Refused.class)
        .hasMessageContaining("is under way and concerns");
  }

  @Test
  void a_dry_run_says_what_it_would_be_and_begins_nothing() throws Exception {
    String digest = push("1.1");
    proxy("shop", "reviews", 0, "1.0");
    proxy("shop", "ratings", 0, "1.0");

    PatchState would = served.desk().begin(dry(all(digest.substring(0, 12))));

    assertThat(would.plan().waves())
        .containsExactly(List.of("sidecar~shop~ratings-0"), List.of("sidecar~shop~reviews-0"));
    assertThat(served.desk().view().patches()).isEmpty();
  }

  @Test
  void what_a_proxy_has_no_memory_for_is_refused_also_as_a_dry_run() throws Exception {
    push("1.1");
    proxy("shop", "reviews", 0, "1.0");
    proxy("shop", "ratings", 0, "1.0");
    room("sidecar~shop~reviews-0", 0);
    PatchRequest asked = all("1.1");

    assertThatThrownBy(() -> served.desk().begin(asked))
        .isInstanceOf(RuntimeDesk.Refused.class)
        .hasMessageContaining("1 of 2 proxies: reviews-0.shop has 0 MB; raise their limit");
    assertThatThrownBy(() -> served.desk().begin(dry(asked)))
        .hasMessageContaining("reviews-0.shop has 0 MB");
    assertThat(served.desk().begin(request("1.1", "", Map.of(), List.of("ratings-0"))).members())
        .containsOnlyKeys("sidecar~shop~ratings-0");
  }

  @Test
  void what_cannot_be_done_is_said() throws Exception {
    assertThatThrownBy(() -> served.desk().begin(all("1.1")))
        .hasMessage("no bundle 1.1 is here (there are: []); push it first");
    push("1.1");
    assertThatThrownBy(() -> served.desk().begin(all("1.1")))
        .hasMessageContaining("no connected proxy that can replace its runtime");
    assertThatThrownBy(() -> served.desk().ask("p", "rollback")).hasMessage("there is no patch p");
    assertThatThrownBy(() -> served.desk().ask("p", "stop"))
        .hasMessage("stop (expected: pause, resume or rollback)");
  }

  @Test
  void an_operator_stops_goes_on_and_takes_back() throws Exception {
    push("1.1");
    proxy("shop", "reviews", 0, "1.0");
    String id = served.desk().begin(all("1.1")).plan().id();

    assertThat(served.desk().ask(id, "pause").phase()).isEqualTo(Phase.PAUSED);
    assertThat(served.desk().ask(id, "resume").phase()).isEqualTo(Phase.ROLLING);
    assertThat(served.desk().ask(id, "rollback").phase()).isEqualTo(Phase.RETURNING);
  }

  @Test
  void what_is_shown_and_asked_goes_over_the_wire_as_json() throws Exception {
    push("1.1");
    proxy("shop", "reviews", 0, "1.0");
    served.desk().begin(all("1.1"));
    RuntimeView view = served.desk().view();

    assertThat(
            QueryJson.mapper()
                .readValue(QueryJson.mapper().writeValueAsString(view), RuntimeView.class))
        .isEqualTo(view);
    assertThat(
            QueryJson.mapper()
                .readValue(QueryJson.mapper().writeValueAsString(all("1.1")), PatchRequest.class))
        .isEqualTo(all("1.1"));
  }
}
