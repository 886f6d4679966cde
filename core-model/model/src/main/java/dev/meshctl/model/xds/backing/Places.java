package dev.meshctl.model.xds.backing;

import dev.meshctl.model.resource.Node;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import java.util.HashMap;
import java.util.Map;

/** Where things stand, by nodes, labels and what is written. */
final class Places {
  /** Overrides the node's place (Istio); dots stand for slashes, which labels may not have. */
  private static final String OVERRIDE = "istio-locality";

  private static final String REGION = "topology.kubernetes.io/region";
  private static final String ZONE = "topology.kubernetes.io/zone";
  private static final String SUB_ZONE = "topology.istio.io/subzone";
  private static final String OLD_REGION = "failure-domain.beta.kubernetes.io/region";
  private static final String OLD_ZONE = "failure-domain.beta.kubernetes.io/zone";

  private final Map<String, Locality> nodes = new HashMap<>();
  private final Map<String, Locality> zones = new HashMap<>();

  Places(ValidatedMesh mesh) {
    for (Node node : mesh.all(Node.class)) {
      Locality place = ofLabels(node.metadata().labels());
      nodes.put(node.metadata().name(), place);
      zones.putIfAbsent(place.zone(), new Locality(place.region(), place.zone(), ""));
    }
  }

  /** Of a pod: what it says itself, else its node's. */
  Locality ofPod(Map<String, String> labels, String node) {
    Locality own = ofLabels(labels);
    return own.equals(Locality.NONE) ? nodes.getOrDefault(node, Locality.NONE) : own;
  }

  /** Of an address that only a slice knows. */
  Locality ofAddress(String node, String zone) {
    Locality known = nodes.getOrDefault(node, Locality.NONE);
    if (!known.equals(Locality.NONE) || zone.isEmpty()) {
      return known;
    }
    return zones.getOrDefault(zone, new Locality("", zone, ""));
  }

  /** Of an entry: what is written, else its labels. */
  static Locality ofEntry(String written, Map<String, String> labels) {
    return written.isEmpty() ? ofLabels(labels) : parse(written);
  }

  private static Locality ofLabels(Map<String, String> labels) {
    String override = labels.getOrDefault(OVERRIDE, "");
    if (!override.isEmpty()) {
      return parse(override.indexOf('/') < 0 ? override.replace('.', '/') : override);
    }
    return new Locality(
        labels.getOrDefault(REGION, labels.getOrDefault(OLD_REGION, "")),
        labels.getOrDefault(ZONE, labels.getOrDefault(OLD_ZONE, "")),
        labels.getOrDefault(SUB_ZONE, ""));
  }

  private static Locality parse(String path) {
    String[] parts = path.split("/", 3);
    return new Locality(
        parts[0], parts.length > 1 ? parts[1] : "", parts.length > 2 ? parts[2] : "");
  }
}
