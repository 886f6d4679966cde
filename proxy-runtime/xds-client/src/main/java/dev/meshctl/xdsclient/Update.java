package dev.meshctl.xdsclient;

import com.google.protobuf.Any;
import dev.meshctl.model.xds.ResourceType;
import java.util.List;

/**
 * What a server said of one type, whatever its {@link Dialect}.
 *
 * @param whole where all of a type are asked for, those not named here are gone
 * @param removed names that the server has no longer
 */
record Update(
    ResourceType type, String nonce, boolean whole, List<Named> resources, List<String> removed) {
  Update {
    resources = List.copyOf(resources);
    removed = List.copyOf(removed);
  }

  /**
   * A resource.
   *
   * @param name empty where only the resource itself says it
   */
  record Named(String name, String version, Any resource) {}
}
