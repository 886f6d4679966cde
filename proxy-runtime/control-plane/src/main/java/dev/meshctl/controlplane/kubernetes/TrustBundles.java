package dev.meshctl.controlplane.kubernetes;

import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.model.resource.ConfigMap;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.Namespace;
import dev.meshctl.model.resource.Pod;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The ConfigMap by which pods of a namespace know their mesh and whose runtimes they may run, where
 * it is missing or of another authority: wherever the namespace is asked into the mesh, or one of
 * its pods is. Pure.
 */
public final class TrustBundles {
  public static final String NAME = "meshctl-ca-root-cert";
  public static final String KEY = "root-cert.pem";

  /** Keys whose bundles sidecars run; there where there are any. */
  public static final String RUNTIME_KEYS = "runtime-keys.pem";

  private TrustBundles() {}

  /**
   * What has to be applied.
   *
   * @param own the control plane's namespace, where people who ask find it
   * @param runtimeKeys PEM; may be empty
   */
  public static List<ClusterObject> missing(
      ValidatedMesh mesh, String own, String pem, String runtimeKeys) {
    Map<String, String> wanted =
        runtimeKeys.isEmpty() ? Map.of(KEY, pem) : Map.of(KEY, pem, RUNTIME_KEYS, runtimeKeys);
    Map<String, Map<String, String>> written = new HashMap<>();
    for (ConfigMap map : mesh.all(ConfigMap.class)) {
      if (map.metadata().name().equals(NAME)) {
        written.put(map.metadata().namespace(), map.data());
      }
    }
    List<ClusterObject> missing = new ArrayList<>();
    for (String namespace : inMesh(mesh, own)) {
      if (!holds(written.getOrDefault(namespace, Map.of()), wanted)) {
        missing.add(bundle(namespace, wanted));
      }
    }
    return missing;
  }

  private static boolean holds(Map<String, String> written, Map<String, String> wanted) {
    return written.entrySet().containsAll(wanted.entrySet())
        && written.containsKey(RUNTIME_KEYS) == wanted.containsKey(RUNTIME_KEYS);
  }

  private static Set<String> inMesh(ValidatedMesh mesh, String own) {
    Set<String> known = new TreeSet<>();
    Set<String> inMesh = new TreeSet<>();
    for (Namespace namespace : mesh.all(Namespace.class)) {
      known.add(namespace.metadata().name());
      if (isAsked(namespace.metadata())) {
        inMesh.add(namespace.metadata().name());
      }
    }
    inMesh.add(own);
    for (MeshResource resource : mesh.all(Pod.class)) {
      if (isAsked(resource.metadata())) {
        inMesh.add(resource.metadata().namespace());
      }
    }
    inMesh.retainAll(known);
    return inMesh;
  }

  private static boolean isAsked(Metadata metadata) {
    Map<String, String> labels = metadata.labels();
    return "enabled".equals(labels.get("istio-injection"))
        || labels.containsKey("istio.io/rev")
        || "true".equals(labels.get("sidecar.istio.io/inject"))
        || labels.containsKey("security.istio.io/tlsMode");
  }

  private static ClusterObject bundle(String namespace, Map<String, String> data) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", "v1").put("kind", "ConfigMap");
    ObjectNode metadata = tree.putObject("metadata");
    metadata.put("name", NAME).put("namespace", namespace);
    metadata.putObject("labels").put("app.kubernetes.io/part-of", "meshctl");
    ObjectNode contents = tree.putObject("data");
    new TreeMap<>(data).forEach(contents::put);
    return new ClusterObject(tree);
  }
}
