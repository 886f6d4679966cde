package dev.meshctl.controlplane.serve;

import dev.meshctl.model.xds.ResourceType;
import java.util.List;
import java.util.Set;

/**
 * Make before break: an addition waits until what it may refer to is acknowledged, and removals go
 * last, in reverse.
 */
final class PushOrder {
  static final List<ResourceType> ADDITIONS = List.of(ResourceType.values());
  static final List<ResourceType> REMOVALS = ADDITIONS.reversed();

  private PushOrder() {}

  /**
   * The types that must be quiet before an addition of {@code type} goes out. Endpoints and secrets
   * wait for nothing: Envoy acknowledges clusters only once they are warm, for which it needs both.
   */
  static Set<ResourceType> before(ResourceType type) {
    return switch (type) {
      case CLUSTER, ENDPOINTS, SECRET, NAMES, RUNTIME -> Set.of();
      case VIRTUAL_HOST -> Set.of(ResourceType.CLUSTER, ResourceType.ENDPOINTS);
      case LISTENER, ROUTE ->
          Set.of(ResourceType.CLUSTER, ResourceType.ENDPOINTS, ResourceType.VIRTUAL_HOST);
    };
  }

  /**
   * A virtual host may take a domain over from one that goes: in two steps, both or neither would
   * have it.
   */
  static boolean removedWithAdditions(ResourceType type) {
    return type == ResourceType.VIRTUAL_HOST;
  }

  /**
   * Nothing refers to a listener or an order, so their removal need not wait for a rejected
   * resource.
   */
  static boolean referredTo(ResourceType type) {
    return type != ResourceType.LISTENER && type != ResourceType.RUNTIME;
  }

  /**
   * Whoever refuses a response for some of its resources takes the others. Of the other types Envoy
   * reads no further than to the first that is wrong.
   */
  static boolean takenOneByOne(ResourceType type) {
    return type == ResourceType.CLUSTER || type == ResourceType.LISTENER;
  }
}
