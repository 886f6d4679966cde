package dev.meshctl.model.xds.translation;

import dev.meshctl.model.xds.LoadAssignment.Locality;
import java.util.Map;

/**
 * Where a client stands, as far as anything hangs on it.
 *
 * @param labels its own, with those of its place
 * @param node that it runs on, may be empty
 */
record ClientPlace(Locality locality, Map<String, String> labels, String node) {
  static final ClientPlace ANYWHERE = new ClientPlace(Locality.NONE, Map.of(), "");

  ClientPlace {
    labels = Map.copyOf(labels);
  }
}
