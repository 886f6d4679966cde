package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.context.MeshReplicas;
import dev.meshctl.cli.context.MeshReplicas.Replica;
import dev.meshctl.cli.context.MeshReplicas.Told;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ProxyView.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas that answer over HTTPS, each with the proxies that called it. */
class MeshReplicasTest {
  @TempDir Path scratch = Path.of("");

  private final AtomicBoolean closed = new AtomicBoolean();
  private FakeControlPlane one;
  private FakeControlPlane other;
  private MeshReplicas replicas;

  @BeforeEach
  void start() throws Exception {
    one = FakeControlPlane.start(Files.createDirectory(scratch.resolve("one")));
    other = FakeControlPlane.start(Files.createDirectory(scratch.resolve("other")));
    replicas =
        new MeshReplicas(
            List.of(
                new Replica("plane-1", MeshClient.of(one.endpoint())),
                new Replica("plane-2", MeshClient.of(other.endpoint()))),
            () -> proxy -> proxy.instance().equals("deleted-1"),
            () -> closed.set(true));
  }

  @AfterEach
  void stop() {
    replicas.close();
    one.close();
    other.close();
  }

  @Test
  void a_mesh_has_the_proxies_of_all_its_replicas() {
    one.proxies(() -> List.of(proxy("web-1", State.SYNCED, 1)));
    other.proxies(() -> List.of(proxy("cart-1", State.STALE, 1)));

    assertThat(replicas.proxies())
        .extracting(MeshReplicasTest::said)
        .containsExactly("plane-1: web-1 SYNCED", "plane-2: cart-1 STALE");
  }

  @Test
  void one_that_went_over_to_another_is_told_of_by_that_one() {
    one.proxies(
        () -> List.of(proxy("cart-1", State.DISCONNECTED, 5), proxy("web-1", State.STALE, 3)));
    other.proxies(() -> List.of(proxy("web-1", State.SYNCED, 4), proxy("cart-1", State.SYNCED, 2)));

    assertThat(replicas.proxies())
        .as("who is connected counts for more, then who was last")
        .extracting(MeshReplicasTest::said)
        .containsExactly("plane-2: cart-1 SYNCED", "plane-2: web-1 SYNCED");
  }

  @Test
  void a_graph_is_drawn_by_one_with_what_the_others_measured() {
    replicas.graph(Duration.ofSeconds(7));

    assertThat(one.asked()).containsExactly("POST graph []");
    assertThat(other.asked()).isEmpty();
  }

  @Test
  void one_that_is_not_connected_and_whose_pod_is_no_more_is_left_out() {
    one.proxies(() ->
        List.of(proxy("deleted-1", State.DISCONNECTED, 1), proxy("web-1", State.DISCONNECTED, 1)));

    assertThat(replicas.proxies())
        .extracting(MeshReplicasTest::said)
        .containsExactly("plane-1: web-1 DISCONNECTED");
  }

  @Test
  void what_leads_to_them_ends_with_them() {
    replicas.close();

    assertThat(closed).isTrue();
  }

  private static String said(Told told) {
    return told.by().name() + ": " + told.proxy().instance() + " " + told.proxy().state();
  }

  private static ProxyView proxy(String instance, State state, long since) {
    return new ProxyView(
        "id-" + instance, "SIDECAR", "shop", "w", instance, "", state, since, 1, List.of());
  }
}
