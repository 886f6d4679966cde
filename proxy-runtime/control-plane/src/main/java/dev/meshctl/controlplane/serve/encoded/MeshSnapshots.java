package dev.meshctl.controlplane.serve.encoded;

import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SnapshotLayers;
import dev.meshctl.model.xds.XdsSnapshot;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;

/**
 * The mesh of the newest generation, per node, each resource serialized once for all that share it
 * and for as long as it does not change.
 *
 * <p>Thread: any; {@link #publish} one at a time.
 */
public final class MeshSnapshots implements SnapshotSource {
  private volatile Generation current;

  /** One mesh, translated. */
  private record Generation(
      long number, Function<ProxyNode, SnapshotLayers> translation, Encodings encodings) {}

  /**
   * @param trustBundlePem what verifies the mesh's certificates, told to every node
   */
  public MeshSnapshots(String trustBundlePem) {
    this(trustBundlePem, Map.of());
  }

  /**
   * @param ttls types that nodes which can ({@link ProxyNode.Feature#RESOURCE_TTL}) are lent for a
   *     time, over 0
   */
  public MeshSnapshots(String trustBundlePem, Map<ResourceType, Duration> ttls) {
    this.current =
        new Generation(
            0,
            node -> SnapshotLayers.alone(XdsSnapshot.EMPTY),
            new Encodings(new SecretConfig(SecretConfig.TRUST_BUNDLE, trustBundlePem), ttls));
  }

  /** Puts {@code translation} in force as generation {@code number}. */
  public void publish(long number, Function<ProxyNode, SnapshotLayers> translation) {
    current = new Generation(number, translation, current.encodings.next());
  }

  @Override
  public EncodedSnapshot snapshotFor(ProxyNode node) {
    Generation generation = current;
    if (generation.number == 0) {
      return EncodedSnapshot.EMPTY;
    }
    SnapshotLayers layers = generation.translation.apply(node);
    Encodings.Form form =
        new Encodings.Form(
            node.can(ProxyNode.Feature.SPLIT_TABLES), node.can(ProxyNode.Feature.RESOURCE_TTL));
    return new EncodedSnapshot(
        generation.number,
        generation.encodings.layer(layers.shared(), form),
        generation.encodings.layer(layers.own(), form));
  }
}
