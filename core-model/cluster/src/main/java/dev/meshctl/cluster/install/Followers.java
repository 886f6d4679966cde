package dev.meshctl.cluster.install;

import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.ObjectKind;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which namespaces take their sidecars of which revision, which pods have one of which, and how
 * they are moved from one to another. A namespace is moved by its labels; its pods follow when they
 * are created anew.
 *
 * <p>Thread: blocks its caller.
 */
public final class Followers {
  /** The revision without a name. */
  public static final String DEFAULT = "default";

  private static final ObjectKind NAMESPACE = new ObjectKind("v1", "Namespace");
  private static final ObjectKind POD = new ObjectKind("v1", "Pod");
  private static final List<ObjectKind> RESTARTED =
      List.of(
          new ObjectKind("apps/v1", "Deployment"),
          new ObjectKind("apps/v1", "StatefulSet"),
          new ObjectKind("apps/v1", "DaemonSet"));
  private static final String INJECTION = "istio-injection";
  private static final String REVISION = "istio.io/rev";
  private static final String STATUS = "sidecar.istio.io/status";

  private final ClusterObjects cluster;
  private final JsonMapper json = new JsonMapper();

  public Followers(ClusterObjects cluster) {
    this.cluster = cluster;
  }

  /**
   * A namespace that asks for sidecars.
   *
   * @param revision whose it asks for
   * @param sidecars how many pods have one, by its revision
   */
  public record Follower(String namespace, String revision, Map<String, Integer> sidecars) {
    public Follower {
      sidecars = Map.copyOf(sidecars);
    }
  }

  /** All that ask, by name. */
  public List<Follower> all() throws ClusterException {
    Map<String, Map<String, Integer>> counts = new TreeMap<>();
    for (ClusterObject pod : sidecars(Optional.empty())) {
      counts
          .computeIfAbsent(pod.namespace().orElse(""), each -> new LinkedHashMap<>())
          .merge(revisionOf(pod), 1, Integer::sum);
    }
    List<Follower> all = new ArrayList<>();
    for (ClusterObject namespace : cluster.list(NAMESPACE, Optional.empty(), "")) {
      String injection = namespace.labels().getOrDefault(INJECTION, "");
      String named = namespace.labels().getOrDefault(REVISION, "");
      // As the webhooks read it: istio-injection counts before the revision.
      String revision = injection.equals("enabled") ? DEFAULT : injection.isEmpty() ? named : "";
      if (!revision.isEmpty()) {
        all.add(
            new Follower(
                namespace.name(), revision, counts.getOrDefault(namespace.name(), Map.of())));
      }
    }
    return all;
  }

  /** Pods with a sidecar of a revision: {@code NAMESPACE/NAME}. */
  public List<String> sidecarsOf(String revision) throws ClusterException {
    return sidecars(Optional.empty()).stream()
        .filter(pod -> revisionOf(pod).equals(revision))
        .map(pod -> pod.namespace().orElse("") + "/" + pod.name())
        .toList();
  }

  /** Pods with a proxy, sidecar or gateway, of whichever revision: {@code NAMESPACE/NAME}. */
  public List<String> proxies() throws ClusterException {
    return proxies(Optional.empty(), "").stream()
        .map(pod -> pod.namespace().orElse("") + "/" + pod.name())
        .toList();
  }

  private List<ClusterObject> sidecars(Optional<String> namespace) throws ClusterException {
    return proxies(namespace, "security.istio.io/tlsMode=istio");
  }

  /** Those that are neither over nor on their way out. */
  private List<ClusterObject> proxies(Optional<String> namespace, String selector)
      throws ClusterException {
    return cluster.list(POD, namespace, selector).stream()
        .filter(pod -> pod.annotations().containsKey(STATUS) && !pod.isBeingDeleted())
        .filter(pod ->
            !List.of("Succeeded", "Failed")
                .contains(pod.tree().path("status").path("phase").asString("")))
        .toList();
  }

  /** As its injector noted. */
  private String revisionOf(ClusterObject pod) {
    try {
      return json.readTree(pod.annotations().getOrDefault(STATUS, "{}"))
          .path("revision")
          .asString("");
    } catch (JacksonException notOurs) {
      return "";
    }
  }

  /** Has a namespace ask for the sidecars of a revision; no pod is touched. */
  public void move(String namespace, String revision) throws ClusterException {
    boolean unnamed = revision.equals(DEFAULT);
    ObjectNode labels = JsonNodeFactory.instance.objectNode();
    if (unnamed) {
      labels.put(INJECTION, "enabled").putNull(REVISION);
    } else {
      labels.putNull(INJECTION).put(REVISION, revision);
    }
    cluster.merge(
        named(
            NAMESPACE,
            Optional.empty(),
            namespace,
            tree -> tree.withObjectProperty("metadata").set("labels", labels)));
  }

  /** What makes pods anew in a namespace whose pods have a sidecar of another revision. */
  public List<ClusterObject> behind(String namespace, String revision) throws ClusterException {
    List<ClusterObject> pods =
        sidecars(Optional.of(namespace)).stream()
            .filter(pod -> !revisionOf(pod).equals(revision))
            .toList();
    List<ClusterObject> behind = new ArrayList<>();
    for (ObjectKind kind : RESTARTED) {
      for (ClusterObject each : cluster.list(kind, Optional.of(namespace), "")) {
        Map<String, String> wanted = selector(each);
        if (!wanted.isEmpty()
            && pods.stream()
                .anyMatch(pod -> pod.labels().entrySet().containsAll(wanted.entrySet()))) {
          behind.add(each);
        }
      }
    }
    return behind;
  }

  private static Map<String, String> selector(ClusterObject owner) {
    Map<String, String> labels = new TreeMap<>();
    owner
        .tree()
        .path("spec")
        .path("selector")
        .path("matchLabels")
        .propertyStream()
        .forEach(label -> labels.put(label.getKey(), label.getValue().asString()));
    return labels;
  }

  /**
   * Has all its pods made anew, as {@code kubectl rollout restart} does, and waits until they
   * serve.
   *
   * @param limit for this one
   * @throws NotInTime where they do not; the old ones that are left go on
   */
  public void restart(ClusterObject owner, Instant now, Duration limit, Progress progress)
      throws ClusterException, InterruptedException, NotInTime {
    cluster.merge(
        named(
            owner.kind(),
            owner.namespace(),
            owner.name(),
            tree ->
                tree.withObjectProperty("spec")
                    .withObjectProperty("template")
                    .withObjectProperty("metadata")
                    .withObjectProperty("annotations")
                    .put(
                        "kubectl.kubernetes.io/restartedAt",
                        now.truncatedTo(ChronoUnit.SECONDS).toString())));
    Readiness readiness = new Readiness(cluster);
    new Waiting(limit, progress)
        .until(
            owner.toString(),
            () ->
                switch (readiness.of(owner)) {
                  case Readiness.Standing.Ready ready -> Optional.empty();
                  case Readiness.Standing.Waits waits -> Optional.of(waits.why());
                });
  }

  private static ClusterObject named(
      ObjectKind kind, Optional<String> namespace, String name, Consumer<ObjectNode> content) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
    ObjectNode metadata = tree.putObject("metadata");
    metadata.put("name", name);
    namespace.ifPresent(each -> metadata.put("namespace", each));
    content.accept(tree);
    return new ClusterObject(tree);
  }
}
