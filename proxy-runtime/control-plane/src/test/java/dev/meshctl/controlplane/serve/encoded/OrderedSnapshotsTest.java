package dev.meshctl.controlplane.serve.encoded;

import static dev.meshctl.controlplane.serve.encoded.Meshes.cluster;
import static dev.meshctl.controlplane.serve.encoded.Meshes.plain;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RuntimeOrder;
import dev.meshctl.model.xds.SnapshotLayers;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OrderedSnapshotsTest {
  private final MeshSnapshots mesh = new MeshSnapshots("PEM");
  private Optional<RuntimeOrder> order = Optional.empty();
  private final OrderedSnapshots snapshots =
      new OrderedSnapshots(mesh, id -> id.equals("x") ? order : Optional.empty());

  private static ProxyNode node(String id) {
    return new ProxyNode(
        id,
        ProxyNode.Role.SIDECAR,
        "default",
        "reviews",
        id,
        "reviews",
        Map.of(),
        new ProxyNode.Capture.Transparent("10.0.0.1"));
  }

  private static RuntimeOrder order(long generation) {
    return new RuntimeOrder(
        generation, "p", new RuntimeOrder.Target.Shipped("1"), RuntimeOrder.Limits.DEFAULT);
  }

  @Test
  void an_order_goes_to_its_proxy_with_the_mesh_and_to_nobody_else() {
    SnapshotLayers layers = SnapshotLayers.alone(plain(cluster("a", 0)));
    mesh.publish(1, n -> layers);
    order = Optional.of(order(1));

    EncodedSnapshot told = snapshots.snapshotFor(node("x"));

    assertThat(told.of(ResourceType.RUNTIME))
        .containsExactly(Map.entry(RuntimeOrder.NAME, EncodedResource.of(order(1))));
    assertThat(told.of(ResourceType.CLUSTER)).containsOnlyKeys("a");
    assertThat(snapshots.snapshotFor(node("y")).of(ResourceType.RUNTIME)).isEmpty();
  }

  @Test
  void what_has_not_changed_is_the_same_and_a_changed_order_is_all_that_changes() {
    SnapshotLayers layers = SnapshotLayers.alone(plain(cluster("a", 0)));
    mesh.publish(1, n -> layers);
    order = Optional.of(order(1));
    EncodedSnapshot first = snapshots.snapshotFor(node("x"));

    order = Optional.of(order(1));
    assertThat(snapshots.snapshotFor(node("x")).own()).isSameAs(first.own());
    order = Optional.of(order(2));
    EncodedSnapshot next = snapshots.snapshotFor(node("x"));

    assertThat(next.changed(first, ResourceType.CLUSTER)).isEmpty();
    assertThat(next.changed(first, ResourceType.RUNTIME)).containsExactly(RuntimeOrder.NAME);
  }

  @Test
  void before_there_is_a_mesh_nothing_is_told() {
    order = Optional.of(order(1));

    assertThat(snapshots.snapshotFor(node("x"))).isEqualTo(EncodedSnapshot.EMPTY);
  }
}
