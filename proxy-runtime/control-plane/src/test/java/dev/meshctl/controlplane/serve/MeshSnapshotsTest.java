package dev.meshctl.controlplane.serve;

import static dev.meshctl.controlplane.serve.Meshes.cluster;
import static dev.meshctl.controlplane.serve.Meshes.plain;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeshSnapshotsTest {
  private final MeshSnapshots snapshots = new MeshSnapshots("PEM");

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

  @Test
  void nodes_share_the_bytes_of_a_shared_resource_and_keep_them_while_it_does_not_change() {
    ClusterConfig shared = cluster("a", 0);
    snapshots.publish(1, n -> plain(shared, cluster("own-" + n.id(), 0)));
    var first = snapshots.snapshotFor(node("x")).find(ResourceType.CLUSTER, "a");
    var second = snapshots.snapshotFor(node("y")).find(ResourceType.CLUSTER, "a");
    assertThat(first).isNotNull().isSameAs(second);

    snapshots.publish(2, n -> plain(shared));
    assertThat(snapshots.snapshotFor(node("x")).find(ResourceType.CLUSTER, "a")).isSameAs(first);
  }

  @Test
  void every_node_is_told_the_trust_bundle_once_there_is_a_mesh() {
    assertThat(snapshots.snapshotFor(node("x"))).isEqualTo(EncodedSnapshot.EMPTY);

    snapshots.publish(1, n -> plain());

    assertThat(snapshots.snapshotFor(node("x")).of(ResourceType.SECRET)).containsKey("ROOTCA");
  }
}
