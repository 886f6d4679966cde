package dev.meshctl.cli.runtime;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.context.ClusterMesh;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterException.Reason;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.Permission;
import dev.meshctl.cluster.install.Followers;
import dev.meshctl.cluster.install.Revisions;
import dev.meshctl.cluster.patch.PatchLead;
import dev.meshctl.cluster.patch.PatchSpec;
import dev.meshctl.cluster.patch.PatchStatus;
import dev.meshctl.cluster.patch.ReplicaReport;
import dev.meshctl.cluster.patch.ReplicaSight;
import dev.meshctl.cluster.patch.RuntimeKinds;
import dev.meshctl.cluster.patch.RuntimePatch;
import dev.meshctl.model.patch.PatchBook;
import dev.meshctl.model.query.PatchRequest;
import dev.meshctl.model.query.RuntimeView;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;

/**
 * The runtimes of a cluster's mesh, as the API server tells of them and takes orders for them.
 *
 * <p>Thread: any; blocking.
 */
final class ClusterRuntimes implements AutoCloseable {
  private static final String OPERATOR = "meshctl-operator";
  private static final int LONGEST_PREFIX = 40;

  private final ClusterMesh mesh;

  ClusterRuntimes(ClusterMesh mesh) {
    this.mesh = mesh;
  }

  /** Everything of one moment. */
  record Seen(List<ReplicaReport> replicas, List<RuntimePatch> patches) {
    ReplicaSight sight() {
      return ReplicaSight.of(replicas);
    }

    PatchBook book() {
      return new PatchBook(
          patches.stream().flatMap(patch -> patch.status().state().stream()).toList());
    }
  }

  /**
   * What there is.
   *
   * @param namespace whose patches; empty for all
   */
  Seen look(Optional<String> namespace) {
    return trying(() -> {
      mayRead("list", RuntimeKinds.PATCHES, namespace);
      mayRead("list", "runtimereplicas", Optional.of(mesh.namespace()));
      List<RuntimePatch> patches = new ArrayList<>();
      for (ClusterObject object :
          mesh.connection().objects().list(RuntimeKinds.PATCH, namespace, "")) {
        patches.add(read(object));
      }
      patches.sort(
          Comparator.comparing((RuntimePatch patch) ->
                  patch.object().tree().path("metadata").path("creationTimestamp").asString(""))
              .thenComparingLong(patch -> patch.status().startedEpochMillis())
              .thenComparing(RuntimePatch::id));
      return new Seen(replicas(""), patches);
    });
  }

  private static RuntimePatch read(ClusterObject object) {
    try {
      return RuntimePatch.read(object);
    } catch (IllegalArgumentException unreadable) {
      throw CommandFailure.failed(
          "RuntimePatch " + RuntimePatch.id(object) + ": " + unreadable.getMessage(),
          "mend or delete it");
    }
  }

  /**
   * What would become of an order, waves and all; nothing is created.
   *
   * @param revision of whose proxies; empty for the default one's
   */
  RuntimePatch foreseen(PatchRequest asked, String revision, InstantSource clock) {
    Seen all = look(Optional.empty());
    Seen seen = new Seen(trying(() -> replicas(revision)), all.patches());
    PatchSpec spec = spec(asked, Optional.of(seen.sight()));
    RuntimePatch fresh =
        new RuntimePatch(
            RuntimePatch.fresh(namespace(asked), prefix(spec), revision, spec),
            spec,
            PatchStatus.NONE);
    PatchStatus status =
        new PatchLead(mesh.namespace(), seen.book(), seen.sight()).next(fresh, clock.millis());
    return new RuntimePatch(fresh.object(), spec, status);
  }

  /**
   * Creates an order; the control plane follows it, whatever becomes of us.
   *
   * @param revision of which; empty for the default one
   */
  RuntimePatch order(PatchRequest asked, String revision) {
    String namespace = namespace(asked);
    return trying(() -> {
      may("create", namespace);
      PatchSpec spec =
          spec(
              asked,
              mayReadReplicas()
                  ? Optional.of(ReplicaSight.of(replicas(revision)))
                  : Optional.empty());
      return read(
          mesh.connection()
              .objects()
              .create(RuntimePatch.fresh(namespace, prefix(spec), revision, spec)));
    });
  }

  /** As it is now. */
  Optional<RuntimePatch> find(RuntimePatch patch) {
    return trying(() ->
        mesh.connection()
            .objects()
            .get(RuntimeKinds.PATCH, patch.object().namespace(), patch.object().name())
            .map(ClusterRuntimes::read));
  }

  /**
   * Changes what may be changed of an order.
   *
   * @param named {@code NAMESPACE/NAME}, or a name that only one has; empty for the newest
   * @param field {@code paused} or {@code rollback}
   */
  RuntimePatch set(Optional<String> named, String field, boolean value) {
    RuntimePatch patch = named(named);
    String namespace = patch.object().namespace().orElse("");
    return trying(() -> {
      may("update", namespace);
      ObjectNode tree = patch.object().tree().deepCopy();
      if (tree.path("spec") instanceof ObjectNode spec) {
        spec.put(field, value);
      }
      return read(mesh.connection().objects().replace(new ClusterObject(tree)));
    });
  }

  private RuntimePatch named(Optional<String> named) {
    List<RuntimePatch> all =
        trying(() -> {
          Optional<String> in =
              named.filter(id -> id.contains("/")).map(id -> id.substring(0, id.indexOf('/')));
          mayRead("list", RuntimeKinds.PATCHES, in);
          return mesh.connection().objects().list(RuntimeKinds.PATCH, in, "").stream()
              .map(ClusterRuntimes::read)
              .toList();
        });
    List<RuntimePatch> found =
        all.stream()
            .filter(patch ->
                named.isEmpty()
                    || named.get().equals(patch.id())
                    || named.get().equals(patch.object().name()))
            .sorted(
                Comparator.comparing(patch ->
                    patch.object().tree().path("metadata").path("creationTimestamp").asString("")))
            .toList();
    if (found.isEmpty()) {
      throw CommandFailure.refused(
          named.map(id -> "there is no RuntimePatch " + id).orElse("no patch was begun"),
          List.of(),
          "see `meshctl runtime status`");
    }
    if (named.isPresent() && found.size() > 1) {
      throw CommandFailure.refused(
          "several namespaces have a RuntimePatch " + named.get(),
          found.stream().map(RuntimePatch::id).toList(),
          "name it as NAMESPACE/NAME");
    }
    return found.getLast();
  }

  /** For each replica whether it has a bundle; empty where one may not see them. */
  List<Boolean> replicasThatHave(String digest) {
    return trying(() ->
        mayReadReplicas()
            ? replicas("").stream()
                .map(replica -> replica.bundles().stream().anyMatch(b -> b.digest().equals(digest)))
                .toList()
            : List.of());
  }

  /**
   * @param revision of this one; empty for all, since who may patch need not know which is the
   *     default one
   */
  private List<ReplicaReport> replicas(String revision) throws ClusterException {
    String selector =
        switch (revision) {
          case "" -> "";
          case Followers.DEFAULT -> "!" + Revisions.LABEL;
          default -> Revisions.LABEL + "=" + revision;
        };
    return mesh
        .connection()
        .objects()
        .list(RuntimeKinds.REPLICA, Optional.of(mesh.namespace()), selector)
        .stream()
        .map(ReplicaReport::read)
        .toList();
  }

  private boolean mayReadReplicas() throws ClusterException {
    return mesh.connection()
        .reviews()
        .mayI(
            Permission.OnResource.in(
                mesh.namespace(), "list", RuntimeKinds.GROUP, "runtimereplicas"));
  }

  private String namespace(PatchRequest asked) {
    return asked.namespace().isEmpty() ? mesh.namespace() : asked.namespace();
  }

  /**
   * A version, or the beginning of a digest, that a replica has.
   *
   * @param sight empty where one may not see what they have: then a version is meant
   */
  private static PatchSpec spec(PatchRequest asked, Optional<ReplicaSight> sight) {
    String to = asked.to();
    if (sight.isEmpty() || !sight.get().find(to, "").isEmpty()) {
      return spec(asked, to, "");
    }
    List<RuntimeView.Bundle> found =
        sight.get().bundles().values().stream()
            .filter(bundle -> to.length() >= 8 && bundle.digest().startsWith(to))
            .toList();
    if (found.size() != 1) {
      throw CommandFailure.refused(
          "no replica of the control plane has a bundle " + to,
          List.of("there are: " + versions(sight.get())),
          "push it: meshctl runtime push FILE");
    }
    return spec(asked, found.getFirst().version(), found.getFirst().digest());
  }

  private static PatchSpec spec(PatchRequest asked, String version, String digest) {
    return new PatchSpec(
        version,
        digest,
        asked.selector(),
        asked.proxies(),
        asked.waves(),
        asked.gate(),
        asked.soak(),
        asked.limits(),
        asked.undo(),
        asked.perNode(),
        false,
        false);
  }

  private static String prefix(PatchSpec spec) {
    String plain = spec.version().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String cut = plain.substring(0, Math.min(LONGEST_PREFIX, plain.length()));
    return "to-" + cut + "-";
  }

  private void may(String verb, String namespace) throws ClusterException {
    Permission needed =
        Permission.OnResource.in(namespace, verb, RuntimeKinds.GROUP, RuntimeKinds.PATCHES);
    if (!mesh.connection().reviews().mayI(needed)) {
      throw denied(needed, "ClusterRole " + OPERATOR, namespace);
    }
  }

  private void mayRead(String verb, String resource, Optional<String> namespace)
      throws ClusterException {
    Permission needed =
        new Permission.OnResource(verb, RuntimeKinds.GROUP, resource, namespace, Optional.empty());
    if (!mesh.connection().reviews().mayI(needed)) {
      throw denied(needed, "ClusterRole meshctl-viewer", namespace.orElse(""));
    }
  }

  /** What is missing, and whom to ask for what. */
  private static CommandFailure denied(Permission missing, String role, String namespace) {
    return CommandFailure.failed(
        "you may not " + missing,
        "ask whoever owns the cluster for "
            + role
            + (namespace.isEmpty() ? " in all namespaces" : " in namespace " + namespace));
  }

  private static List<String> versions(ReplicaSight sight) {
    TreeSet<String> versions = new TreeSet<>();
    sight.bundles().values().forEach(bundle -> versions.add(bundle.version()));
    return List.copyOf(versions);
  }

  private interface Attempt<T> {
    T make() throws ClusterException;
  }

  private static <T> T trying(Attempt<T> attempt) {
    try {
      return attempt.make();
    } catch (ClusterException failed) {
      if (failed.reason() == Reason.NOT_FOUND) {
        throw CommandFailure.failed(
            String.valueOf(failed.getMessage()),
            "install the kinds of runtime.meshctl.dev: meshctl install");
      }
      throw ClusterMesh.failure(failed);
    }
  }

  @Override
  public void close() {
    mesh.close();
  }
}
