package dev.meshctl.controlplane.serve.protocol;

import com.google.common.collect.Sets;
import dev.meshctl.model.xds.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Make before break: an addition waits until what it may refer to is acknowledged, and removals go
 * last, in reverse.
 */
final class PushOrder {
  static final List<ResourceType> ADDITIONS = List.of(ResourceType.values());
  static final List<ResourceType> REMOVALS = ADDITIONS.reversed();

  /** Made once: each is asked for at each look at each proxy. */
  private static final Set<ResourceType> BEFORE_HOSTS =
      Sets.immutableEnumSet(ResourceType.CLUSTER, ResourceType.ENDPOINTS);

  private static final Set<ResourceType> BEFORE_TABLES =
      Sets.immutableEnumSet(
          ResourceType.CLUSTER, ResourceType.ENDPOINTS, ResourceType.VIRTUAL_HOST);

  private PushOrder() {}

  /** No response of the types in {@link #before} is unanswered. */
  static boolean mayAdd(ResourceType type, Map<ResourceType, ? extends TypeState> types) {
    for (ResourceType other : before(type)) {
      TypeState state = types.get(other);
      if (state != null && state.awaiting()) {
        return false;
      }
    }
    return true;
  }

  /** No response is unanswered. */
  static boolean mayRemove(Map<ResourceType, ? extends TypeState> types) {
    for (TypeState state : types.values()) {
      if (state.awaiting()) {
        return false;
      }
    }
    return true;
  }

  /**
   * The types that must be quiet before an addition of {@code type} goes out. Endpoints and secrets
   * wait for nothing: Envoy acknowledges clusters only once they are warm, for which it needs both.
   */
  private static Set<ResourceType> before(ResourceType type) {
    return switch (type) {
      case CLUSTER, ENDPOINTS, SECRET, NAMES, RUNTIME -> Set.of();
      case VIRTUAL_HOST -> BEFORE_HOSTS;
      case LISTENER, ROUTE -> BEFORE_TABLES;
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
