package dev.meshctl.controlplane.serve.encoded;

import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RuntimeOrder;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What each node is told of the mesh, and with it the order for its runtime where there is one.
 *
 * <p>Thread: any.
 */
public final class OrderedSnapshots implements SnapshotSource {
  private final SnapshotSource mesh;
  private final Function<String, Optional<RuntimeOrder>> orders;

  /** By proxy, so that what has not changed stays the same object and is not compared again. */
  private final Map<String, Ordered> layers = new ConcurrentHashMap<>();

  private record Ordered(EncodedLayer own, RuntimeOrder order, EncodedLayer with) {}

  /**
   * @param orders by the id of a proxy
   */
  public OrderedSnapshots(SnapshotSource mesh, Function<String, Optional<RuntimeOrder>> orders) {
    this.mesh = mesh;
    this.orders = orders;
  }

  @Override
  public EncodedSnapshot snapshotFor(ProxyNode node) {
    EncodedSnapshot snapshot = mesh.snapshotFor(node);
    Optional<RuntimeOrder> order = orders.apply(node.id());
    if (order.isEmpty() || snapshot.generation() == 0) {
      layers.remove(node.id());
      return snapshot;
    }
    Ordered layer =
        layers.compute(
            node.id(),
            (id, known) ->
                known != null && known.own == snapshot.own() && known.order.equals(order.get())
                    ? known
                    : with(snapshot.own(), order.get()));
    return new EncodedSnapshot(snapshot.generation(), snapshot.shared(), layer.with);
  }

  private static Ordered with(EncodedLayer own, RuntimeOrder order) {
    Map<ResourceType, Map<String, EncodedResource>> all = new EnumMap<>(ResourceType.class);
    for (ResourceType type : ResourceType.values()) {
      all.put(type, own.of(type));
    }
    EncodedResource encoded = EncodedResource.of(order);
    all.put(ResourceType.RUNTIME, Map.of(encoded.name(), encoded));
    return new Ordered(own, order, new EncodedLayer(all));
  }
}
