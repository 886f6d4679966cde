package dev.meshctl.cluster.patch;

import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.install.Revisions;
import dev.meshctl.model.patch.PatchScope;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * An object of kind {@code RuntimePatch}.
 *
 * @param object as it was read
 */
public record RuntimePatch(ClusterObject object, PatchSpec spec, PatchStatus status) {
  /**
   * @throws IllegalArgumentException naming what does not read
   */
  public static RuntimePatch read(ClusterObject object) {
    PatchSpec spec = PatchSpec.read(object.tree().path("spec"));
    return new RuntimePatch(
        object, spec, PatchStatus.read(id(object), spec, object.tree().path("status")));
  }

  /** {@code NAMESPACE/NAME}, by which orders and people name it. */
  public static String id(ClusterObject object) {
    return object.namespace().orElse("") + "/" + object.name();
  }

  public String id() {
    return id(object);
  }

  /**
   * Whom it concerns: proxies of its own namespace, so that who may patch is said by namespace; in
   * that of the mesh, all.
   */
  public PatchScope scope(String systemNamespace) {
    String namespace = object.namespace().orElse("");
    return new PatchScope(
        namespace.equals(systemNamespace) ? "" : namespace, spec.labels(), spec.proxies());
  }

  /**
   * To be created.
   *
   * @param revision whose control plane is to perform it, and whose proxies it is about; empty for
   *     the default one
   * @param name one that ends with a dash is made longer by the API server, to one that nobody has
   */
  public static ClusterObject fresh(
      String namespace, String name, String revision, PatchSpec spec) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", RuntimeKinds.PATCH.apiVersion()).put("kind", RuntimeKinds.PATCH.kind());
    ObjectNode metadata = tree.putObject("metadata");
    metadata.put(name.endsWith("-") ? "generateName" : "name", name).put("namespace", namespace);
    if (!revision.isEmpty()) {
      metadata.putObject("labels").put(Revisions.LABEL, revision);
    }
    tree.set("spec", spec.write());
    return new ClusterObject(tree);
  }

  /** The status is of the spec as it is now. */
  public boolean isObserved() {
    return object.tree().path("status").path("observedGeneration").asLong(-1)
        == object.tree().path("metadata").path("generation").asLong(0);
  }

  /** The same object with another status, to be kept. */
  public ClusterObject with(PatchStatus next) {
    ObjectNode tree = object.tree().deepCopy();
    long generation = tree.path("metadata").path("generation").asLong(0);
    tree.set("status", next.write(generation));
    return new ClusterObject(tree);
  }
}
