package dev.meshctl.cluster.install;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.toCollection;

import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.ObjectKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Takes an installation out of a cluster: everything with our mark, and what the control plane
 * wrote. What reaches into other people's work goes first, what others stand in last.
 *
 * <p>Thread: blocks its caller.
 */
public final class Removal {
  private static final ObjectKind CRD =
      new ObjectKind("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  private static final ObjectKind DEPLOYMENT = new ObjectKind("apps/v1", "Deployment");
  private static final ObjectKind NAMESPACE = new ObjectKind("v1", "Namespace");
  private static final ObjectKind POD = new ObjectKind("v1", "Pod");
  private static final String RBAC = "rbac.authorization.k8s.io/v1";

  /** In the order in which they go. */
  private static final List<ObjectKind> KINDS =
      List.of(
          new ObjectKind("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
          new ObjectKind("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
          DEPLOYMENT,
          new ObjectKind("apps/v1", "DaemonSet"),
          new ObjectKind("gateway.networking.k8s.io/v1", "GatewayClass"),
          new ObjectKind("policy/v1", "PodDisruptionBudget"),
          new ObjectKind("v1", "Service"),
          new ObjectKind("v1", "ConfigMap"),
          new ObjectKind("v1", "Secret"),
          new ObjectKind("coordination.k8s.io/v1", "Lease"),
          new ObjectKind(RBAC, "RoleBinding"),
          new ObjectKind(RBAC, "Role"),
          new ObjectKind(RBAC, "ClusterRoleBinding"),
          new ObjectKind(RBAC, "ClusterRole"),
          new ObjectKind("v1", "ServiceAccount"),
          CRD,
          NAMESPACE);

  private static final String NOT_OURS = Ownership.PART_OF + "!=" + Ownership.MESHCTL;

  private final ClusterObjects cluster;

  public Removal(ClusterObjects cluster) {
    this.cluster = cluster;
  }

  /** Everything that has our mark, in the order in which it goes; not what Helm made. */
  public List<ClusterObject> inventory() throws ClusterException {
    List<ClusterObject> inventory = new ArrayList<>();
    for (ObjectKind kind : KINDS) {
      if (cluster.has(kind)) {
        cluster.list(kind, Optional.empty(), mark()).stream()
            .filter(object -> Ownership.of(object) instanceof Ownership.Ours)
            // What a control plane makes goes after it: it would make it again.
            .sorted(comparing(object -> revision(object).isEmpty()))
            .forEach(inventory::add);
      }
    }
    return inventory;
  }

  /** Names of the revisions of which something is there. */
  public static Set<String> revisions(List<ClusterObject> inventory) {
    return inventory.stream()
        .map(Removal::revision)
        .filter(revision -> !revision.isEmpty())
        .collect(toCollection(TreeSet::new));
  }

  /**
   * What goes with a revision: its own objects, and with the last one what all share.
   *
   * @param keepKinds whether definitions of kinds, and so all objects of them, stay
   */
  public static List<ClusterObject> going(
      List<ClusterObject> inventory, String revision, boolean keepKinds) {
    boolean last = revisions(inventory).stream().allMatch(revision::equals);
    return inventory.stream()
        .filter(object -> revision(object).isEmpty() ? last : revision(object).equals(revision))
        .filter(object -> !(keepKinds && object.kind().equals(CRD)))
        .toList();
  }

  /** Empty for what all revisions share. */
  private static String revision(ClusterObject object) {
    return object.labels().getOrDefault(Ownership.REVISION, "");
  }

  private static String mark() {
    return Ownership.PART_OF + "=" + Ownership.MESHCTL;
  }

  /** How many objects of a user's go with each of the kinds that are to go; ours do not count. */
  public Map<String, Integer> configurationIn(List<ClusterObject> going) throws ClusterException {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (ClusterObject object : going) {
      if (!object.kind().equals(CRD)) {
        continue;
      }
      JsonNode spec = object.tree().path("spec");
      String group = spec.path("group").asString("");
      for (JsonNode version : spec.path("versions")) {
        if (version.path("storage").asBoolean(false)) {
          ObjectKind kind =
              new ObjectKind(
                  group + "/" + version.path("name").asString(""),
                  spec.path("names").path("kind").asString(""));
          int count = cluster.has(kind) ? cluster.list(kind, Optional.empty(), NOT_OURS).size() : 0;
          if (count > 0) {
            counts.put(kind.toString(), count);
          }
        }
      }
    }
    return counts;
  }

  /** Asks for an object to go. */
  public void delete(ClusterObject object) throws ClusterException {
    cluster.delete(object.kind(), object.namespace(), object.name());
  }

  /** Whether it is gone, or another of its name has come. */
  public boolean isGone(ClusterObject object) throws ClusterException {
    return cluster
        .get(object.kind(), object.namespace(), object.name())
        .filter(there -> there.uid().equals(object.uid()))
        .isEmpty();
  }
}
