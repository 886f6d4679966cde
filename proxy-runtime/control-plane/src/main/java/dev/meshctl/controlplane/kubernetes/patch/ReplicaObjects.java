package dev.meshctl.controlplane.kubernetes.patch;

import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.FollowedKind;
import dev.meshctl.cluster.ObjectKind;
import dev.meshctl.cluster.install.Revisions;
import dev.meshctl.cluster.patch.ReplicaReport;
import dev.meshctl.cluster.patch.ReplicaReport.Connected;
import dev.meshctl.cluster.patch.RuntimeKinds;
import dev.meshctl.controlplane.kubernetes.patch.ClusterOrders.Affairs;
import dev.meshctl.controlplane.patch.PodPlaces;
import dev.meshctl.model.patch.Candidate;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.xds.ProxyNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The objects by which replicas tell each other what they have and have heard: this one's is
 * written, all are read. One that is not written anew for a minute is that of a replica which is
 * gone; with its pod it goes altogether.
 *
 * <p>Thread: any; {@link #publish} one at a time.
 */
final class ReplicaObjects implements AutoCloseable {
  private static final Duration RENEWED = Duration.ofSeconds(20);
  private static final Duration STALE = Duration.ofSeconds(60);
  private static final ObjectKind POD = new ObjectKind("v1", "Pod");

  private final ClusterObjects objects;
  private final Affairs affairs;
  private final InstantSource clock;
  private final FollowedKind following;

  /** When each version was first seen, by this replica's clock: others' clocks may differ. */
  private final Map<String, Seen> seen = new HashMap<>();

  private @Nullable Optional<ObjectNode> owner;
  private @Nullable ReplicaReport published;
  private Instant publishedAt = Instant.MIN;

  private record Seen(String version, Instant at) {}

  ReplicaObjects(
      ClusterConnection connection, Affairs affairs, InstantSource clock, Runnable changed) {
    this.objects = connection.objects();
    this.affairs = affairs;
    this.clock = clock;
    this.following = FollowedKind.start(connection, RuntimeKinds.REPLICA, changed);
  }

  boolean complete() {
    return following.complete();
  }

  static Connected connected(
      ProxyNode node,
      PodPlaces pods,
      RuntimeReport report,
      long heardEpochMillis,
      boolean refuses) {
    String place = pods.node(node.namespace(), node.instance());
    return new Connected(Candidate.of(node, place, report), report, heardEpochMillis, refuses);
  }

  /** Writes this replica's object where it would be another, or before it is taken for gone. */
  void publish(ReplicaReport own) throws ClusterException {
    Instant now = clock.instant();
    if (own.equals(published) && now.isBefore(publishedAt.plus(RENEWED))) {
      return;
    }
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", RuntimeKinds.REPLICA.apiVersion());
    tree.put("kind", RuntimeKinds.REPLICA.kind());
    ObjectNode metadata = tree.putObject("metadata");
    metadata.put("name", affairs.replica()).put("namespace", affairs.namespace());
    ObjectNode labels = metadata.putObject("labels").put("app.kubernetes.io/part-of", "meshctl");
    if (!affairs.revision().isEmpty()) {
      labels.put(Revisions.LABEL, affairs.revision());
    }
    owner().ifPresent(owner -> metadata.putArray("ownerReferences").add(owner));
    ObjectNode status = own.write();
    status.put("renewed", now.toString());
    tree.set("status", status);
    if (!objects.has(RuntimeKinds.REPLICA)) {
      return;
    }
    following.written(objects.apply(new ClusterObject(tree), ClusterObjects.Apply.FORCED).object());
    published = own;
    publishedAt = now;
  }

  /** The object goes with the pod, which is not ours to wait for. */
  private Optional<ObjectNode> owner() throws ClusterException {
    if (owner == null) {
      owner =
          objects
              .get(POD, Optional.of(affairs.namespace()), affairs.replica())
              .map(pod ->
                  JsonNodeFactory.instance
                      .objectNode()
                      .put("apiVersion", "v1")
                      .put("kind", "Pod")
                      .put("name", pod.name())
                      .put("uid", pod.uid()));
    }
    return owner;
  }

  /** What replicas that live tell, this one included. */
  List<ReplicaReport> fresh() {
    Instant now = clock.instant();
    List<ReplicaReport> fresh = new ArrayList<>();
    synchronized (seen) {
      for (ClusterObject object : following.objects()) {
        boolean ours =
            object.namespace().filter(affairs.namespace()::equals).isPresent()
                && affairs.isSibling(object);
        if (ours) {
          Seen known = seen.get(object.name());
          if (known == null || !known.version().equals(object.resourceVersion())) {
            known = new Seen(object.resourceVersion(), now);
            seen.put(object.name(), known);
          }
          if (now.isBefore(known.at().plus(STALE))) {
            fresh.add(ReplicaReport.read(object));
          }
        }
      }
    }
    return fresh;
  }

  @Override
  public void close() {
    following.close();
  }
}
