package dev.meshctl.xdsclient;

import com.google.protobuf.Any;
import dev.meshctl.model.xds.ResourceType;
import java.util.List;
import java.util.Optional;

/**
 * What a server said of one type, whatever its {@link Dialect}.
 *
 * @param whole where all of a type are asked for, those not named here are gone; never of mere
 *     heartbeats
 * @param removed names that the server has no longer
 */
record Update(
    ResourceType type, String nonce, boolean whole, List<Named> resources, List<String> removed) {
  Update {
    resources = List.copyOf(resources);
    removed = List.copyOf(removed);
  }

  /** What is said of one resource. */
  sealed interface Named {
    String name();

    /**
     * How long what is said holds unless it is said again ({@code Resource.ttl}); 0 for as long as
     * nothing else is said.
     */
    long ttlNanos();
  }

  /**
   * A resource.
   *
   * @param name empty where only the resource itself says it
   */
  record Content(String name, String version, long ttlNanos, Any resource) implements Named {}

  /**
   * What is held of this name holds on.
   *
   * @param version that has to be held; empty for whichever is
   */
  record Heartbeat(String name, Optional<String> version, long ttlNanos) implements Named {}
}
