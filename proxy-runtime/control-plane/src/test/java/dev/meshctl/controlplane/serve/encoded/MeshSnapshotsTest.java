package dev.meshctl.controlplane.serve.encoded;

import static dev.meshctl.controlplane.serve.encoded.Meshes.cluster;
import static dev.meshctl.controlplane.serve.encoded.Meshes.plain;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.wire.EncodedTables;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.SnapshotLayers;
import dev.meshctl.model.xds.XdsSnapshot;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
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
    snapshots.publish(1, n -> SnapshotLayers.alone(plain(shared, cluster("own-" + n.id(), 0))));
    var first = snapshots.snapshotFor(node("x")).find(ResourceType.CLUSTER, "a");
    var second = snapshots.snapshotFor(node("y")).find(ResourceType.CLUSTER, "a");
    assertThat(first).isNotNull().isSameAs(second);

    snapshots.publish(2, n -> SnapshotLayers.alone(plain(shared)));
    assertThat(snapshots.snapshotFor(node("x")).find(ResourceType.CLUSTER, "a")).isSameAs(first);
  }

  @Test
  void nodes_that_are_told_alike_share_a_layer_and_keep_it_while_it_does_not_change() {
    XdsSnapshot shared = plain(cluster("a", 0));
    snapshots.publish(1, n -> new SnapshotLayers(shared, plain(cluster("own-" + n.id(), 0))));
    EncodedSnapshot x = snapshots.snapshotFor(node("x"));
    EncodedSnapshot y = snapshots.snapshotFor(node("y"));
    assertThat(x.shared()).isSameAs(y.shared());
    assertThat(x.of(ResourceType.CLUSTER)).containsOnlyKeys("a", "own-x");

    snapshots.publish(2, n -> new SnapshotLayers(shared, plain(cluster("own-" + n.id(), 1))));
    EncodedSnapshot next = snapshots.snapshotFor(node("x"));
    assertThat(next.shared()).isSameAs(x.shared());
    assertThat(next.changed(x, ResourceType.CLUSTER)).containsExactly("own-x");
  }

  @Test
  void a_node_that_takes_split_tables_is_told_the_changed_host_and_others_the_whole_table() {
    ProxyNode splits = node("x").with(ProxyNode.Feature.SPLIT_TABLES);
    publish(1, table("80", "a", "b"), table("90", "a"));
    EncodedSnapshot before = snapshots.snapshotFor(splits);
    EncodedSnapshot whole = snapshots.snapshotFor(node("y"));
    assertThat(before.of(ResourceType.ROUTE)).containsOnlyKeys("80", "90");
    assertThat(before.of(ResourceType.VIRTUAL_HOST)).containsOnlyKeys("80/a", "80/b", "90/a");
    assertThat(whole.of(ResourceType.VIRTUAL_HOST)).isEmpty();
    assertThat(EncodedTables.joined(before.of(ResourceType.ROUTE).values(), hosts(before)))
        .as("what people are shown is the whole table")
        .extracting(EncodedResource::any)
        .containsExactlyElementsOf(
            whole.of(ResourceType.ROUTE).values().stream().map(EncodedResource::any).toList());

    publish(2, table("80", "a", "c"), table("90", "a"));

    EncodedSnapshot after = snapshots.snapshotFor(splits);
    assertThat(after.changed(before, ResourceType.ROUTE)).isEmpty();
    assertThat(after.changed(before, ResourceType.VIRTUAL_HOST))
        .containsExactlyInAnyOrder("80/b", "80/c");
    assertThat(snapshots.snapshotFor(node("y")).changed(whole, ResourceType.ROUTE))
        .containsExactly("80");
  }

  @Test
  void a_table_whose_hosts_cannot_be_told_apart_by_name_stays_whole() {
    publish(1, table("80", "a", "a"), table("90", "a/b"));

    EncodedSnapshot told = snapshots.snapshotFor(node("x").with(ProxyNode.Feature.SPLIT_TABLES));

    assertThat(told.of(ResourceType.ROUTE)).containsOnlyKeys("80", "90");
    assertThat(told.of(ResourceType.VIRTUAL_HOST)).isEmpty();
  }

  private void publish(long generation, RouteTableConfig... tables) {
    XdsSnapshot mesh = plain(tables);
    snapshots.publish(generation, n -> SnapshotLayers.alone(mesh));
  }

  private static List<EncodedResource> hosts(EncodedSnapshot of) {
    return List.copyOf(of.of(ResourceType.VIRTUAL_HOST).values());
  }

  private static RouteTableConfig table(String name, String... hosts) {
    return new RouteTableConfig(
        name,
        Arrays.stream(hosts)
            .map(host -> new RouteTableConfig.VirtualHost(host, List.of(host + ".io"), List.of()))
            .toList());
  }

  @Test
  void only_types_with_a_time_are_lent_and_only_to_nodes_that_can_let_go() {
    MeshSnapshots lending =
        new MeshSnapshots("PEM", Map.of(ResourceType.CLUSTER, Duration.ofMinutes(1)));
    ClusterConfig shared = cluster("a", 0);
    XdsSnapshot mesh = plain(shared, Meshes.endpoints("a", 0));
    lending.publish(1, n -> SnapshotLayers.alone(mesh));
    ProxyNode lets = node("x").with(ProxyNode.Feature.RESOURCE_TTL);
    EncodedSnapshot lent = lending.snapshotFor(lets);
    EncodedSnapshot kept = lending.snapshotFor(node("y"));
    EncodedResource lentCluster = requireNonNull(lent.find(ResourceType.CLUSTER, "a"));
    EncodedResource keptCluster = requireNonNull(kept.find(ResourceType.CLUSTER, "a"));

    assertThat(lentCluster.ttlNanos()).isEqualTo(Duration.ofMinutes(1).toNanos());
    assertThat(keptCluster.ttlNanos()).isZero();
    assertThat(lentCluster.any()).as("encoded once").isSameAs(keptCluster.any());
    assertThat(lentCluster.version()).isNotEqualTo(keptCluster.version());
    assertThat(lent.find(ResourceType.ENDPOINTS, "a"))
        .isSameAs(kept.find(ResourceType.ENDPOINTS, "a"));

    XdsSnapshot next = plain(shared, cluster("b", 0));
    lending.publish(2, n -> SnapshotLayers.alone(next));
    assertThat(lending.snapshotFor(lets).find(ResourceType.CLUSTER, "a")).isSameAs(lentCluster);
  }

  @Test
  void what_changed_between_layers_is_what_is_new_other_or_gone() {
    EncodedSnapshot before =
        Meshes.snapshot(1, cluster("same", 0), cluster("other", 0), cluster("gone", 0));
    EncodedSnapshot after =
        Meshes.snapshot(2, cluster("same", 0), cluster("other", 1), cluster("new", 0));
    assertThat(after.changed(before, ResourceType.CLUSTER))
        .containsExactlyInAnyOrder("other", "gone", "new");
    assertThat(after.changed(after, ResourceType.CLUSTER)).isEmpty();
    assertThat(after.changed(before, ResourceType.ROUTE)).isEmpty();
  }

  @Test
  void every_node_is_told_the_trust_bundle_once_there_is_a_mesh() {
    assertThat(snapshots.snapshotFor(node("x"))).isEqualTo(EncodedSnapshot.EMPTY);

    snapshots.publish(1, n -> SnapshotLayers.alone(plain()));

    assertThat(snapshots.snapshotFor(node("x")).of(ResourceType.SECRET)).containsKey("ROOTCA");
  }
}
