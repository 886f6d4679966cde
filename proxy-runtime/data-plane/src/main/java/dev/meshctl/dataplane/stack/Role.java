package dev.meshctl.dataplane.stack;

import dev.meshctl.dataplane.route.RequestLayer;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.ProxyNode;
import java.util.List;

/** The places a proxy stands in. */
public enum Role {
  SIDECAR_INBOUND(SidecarInbound.LAYERS),
  SIDECAR_OUTBOUND(SidecarOutbound.LAYERS),
  EDGE(Edge.LAYERS),
  MIDDLE(Middle.LAYERS),
  NODE(Node.LAYERS);

  private final List<RequestLayer> layers;

  Role(List<RequestLayer> layers) {
    this.layers = layers;
  }

  /** In the order of a request. */
  public List<RequestLayer> layers() {
    return layers;
  }

  /** The role of a listener of {@code node}. */
  public static Role of(ProxyNode node, Direction direction) {
    return switch (node.role()) {
      case GATEWAY -> EDGE;
      case MIDDLE -> MIDDLE;
      case NODE -> NODE;
      case SIDECAR -> direction == Direction.INBOUND ? SIDECAR_INBOUND : SIDECAR_OUTBOUND;
    };
  }
}
