package dev.meshctl.cluster;

import dev.meshctl.cluster.ApiCatalogue.ApiResource;
import dev.meshctl.cluster.ClusterException.Reason;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The objects of a cluster, of any kind, as trees.
 *
 * <p>Thread: any; blocking.
 */
public final class ClusterObjects {
  /** Owns the fields that we apply. */
  public static final String FIELD_MANAGER = "meshctl";

  private static final int PAGE = 500;
  private static final String MERGE = "application/merge-patch+json";
  private static final String APPLY = "application/apply-patch+yaml";

  private final Rest rest;
  private final ApiCatalogue kinds;

  ClusterObjects(Rest rest, ApiCatalogue kinds) {
    this.rest = rest;
    this.kinds = kinds;
  }

  /**
   * How objects are applied.
   *
   * @param manager owns the fields from then on
   * @param force takes fields from whoever owns them; else that is a {@link Reason#CONFLICT}
   * @param dryRun the server tells what would be, and keeps nothing of it
   */
  public record Apply(String manager, boolean force, boolean dryRun) {
    /** As {@value ClusterObjects#FIELD_MANAGER}, whoever else owns a field. */
    public static final Apply FORCED = new Apply(FIELD_MANAGER, true, false);

    public Apply asDryRun() {
      return new Apply(manager, force, true);
    }
  }

  /** Whether the cluster has this kind in this version now. */
  public boolean has(ObjectKind kind) throws ClusterException {
    return kinds.find(kind).isPresent();
  }

  /**
   * The plural of a kind, as roles and {@link Permission} have it.
   *
   * @throws ClusterException where the cluster has no such kind
   */
  public String plural(ObjectKind kind) throws ClusterException {
    return kinds.require(kind).plural();
  }

  /** False for kinds of the whole cluster, and for those that it has not. */
  public boolean isNamespaced(ObjectKind kind) throws ClusterException {
    return kinds.find(kind).map(ApiResource::namespaced).orElse(false);
  }

  /** Empty where there is none, or no such kind. */
  public Optional<ClusterObject> get(ObjectKind kind, Optional<String> namespace, String name)
      throws ClusterException {
    Optional<ApiResource> resource = kinds.find(kind);
    if (resource.isEmpty()) {
      return Optional.empty();
    }
    return rest.find(
            Rest.Call.get(
                resource.get().path(namespace) + "/" + name, "read " + told(kind, namespace, name)))
        .map(ClusterObject::new);
  }

  /**
   * All of a kind.
   *
   * @param namespace empty for all
   * @param labelSelector {@code app=cart,tier!=db}; {@code ""} for all
   */
  public List<ClusterObject> list(ObjectKind kind, Optional<String> namespace, String labelSelector)
      throws ClusterException {
    return pages(kind, namespace, "labelSelector", labelSelector);
  }

  /**
   * Those of a kind, in all namespaces, that a field selects.
   *
   * @param fieldSelector {@code metadata.name=cart}, or what else the API knows; {@code ""} for all
   */
  public List<ClusterObject> selected(ObjectKind kind, String fieldSelector)
      throws ClusterException {
    return pages(kind, Optional.empty(), "fieldSelector", fieldSelector);
  }

  private List<ClusterObject> pages(
      ObjectKind kind, Optional<String> namespace, String by, String selector)
      throws ClusterException {
    String path = kinds.require(kind).path(namespace);
    List<ClusterObject> objects = new ArrayList<>();
    String next = "";
    do {
      String query =
          "?limit="
              + PAGE
              + (selector.isEmpty() ? "" : "&" + by + "=" + encoded(selector))
              + (next.isEmpty() ? "" : "&continue=" + encoded(next));
      ObjectNode page = rest.send(Rest.Call.get(path + query, "list " + kind));
      for (JsonNode item : page.path("items")) {
        ObjectNode tree = (ObjectNode) item;
        // Items of a list do not say what they are.
        tree.put("apiVersion", kind.apiVersion());
        tree.put("kind", kind.kind());
        objects.add(new ClusterObject(tree));
      }
      next = page.path("metadata").path("continue").asString("");
    } while (!next.isEmpty());
    return objects;
  }

  /**
   * Makes what is not there yet.
   *
   * @throws ClusterException {@link Reason#CONFLICT} where it is
   */
  public ClusterObject create(ClusterObject object) throws ClusterException {
    ApiResource resource = kinds.require(object.kind());
    return new ClusterObject(
        rest.send(
            Rest.Call.post(
                resource.path(namespaceOf(object, resource)) + "?fieldManager=" + FIELD_MANAGER,
                object.tree(),
                "create " + object)));
  }

  /**
   * Puts an object in the place of one of the same {@code resourceVersion}.
   *
   * @throws ClusterException {@link Reason#CONFLICT} where it changed since
   */
  public ClusterObject replace(ClusterObject object) throws ClusterException {
    ApiResource resource = kinds.require(object.kind());
    return new ClusterObject(
        rest.send(
            new Rest.Call(
                "PUT",
                path(object, resource) + "?fieldManager=" + FIELD_MANAGER,
                Optional.of(new Rest.Body("application/json", object.tree())),
                "replace " + object)));
  }

  /**
   * As {@link #replace}, of the object's {@code status} alone.
   *
   * @throws ClusterException {@link Reason#CONFLICT} where it changed since
   */
  public ClusterObject replaceStatus(ClusterObject object) throws ClusterException {
    ApiResource resource = kinds.require(object.kind());
    return new ClusterObject(
        rest.send(
            new Rest.Call(
                "PUT",
                path(object, resource) + "/status?fieldManager=" + FIELD_MANAGER,
                Optional.of(new Rest.Body("application/json", object.tree())),
                "replace the status of " + object)));
  }

  /**
   * An object as it would be, made where it is not there, else with this written over it: mappings
   * are merged and lists replaced (JSON merge patch, RFC 7396). The server fills in and judges, and
   * keeps nothing.
   */
  public ClusterObject preview(ClusterObject object) throws ClusterException {
    ApiResource resource = kinds.require(object.kind());
    String path = path(object, resource);
    boolean there = rest.find(Rest.Call.get(path, "read " + object)).isPresent();
    String doing = "try out " + object;
    return new ClusterObject(
        rest.send(
            there
                ? new Rest.Call(
                    "PATCH",
                    path + "?dryRun=All",
                    Optional.of(new Rest.Body(MERGE, object.tree())),
                    doing)
                : Rest.Call.post(
                    resource.path(object.namespace()) + "?dryRun=All", object.tree(), doing)));
  }

  /**
   * Writes this over an object that is there: mappings are merged, lists replaced, null takes away
   * (JSON merge patch, RFC 7396).
   */
  public ClusterObject merge(ClusterObject object) throws ClusterException {
    ApiResource resource = kinds.require(object.kind());
    return new ClusterObject(
        rest.send(
            new Rest.Call(
                "PATCH",
                path(object, resource) + "?fieldManager=" + FIELD_MANAGER,
                Optional.of(new Rest.Body(MERGE, object.tree())),
                "change " + object)));
  }

  /** Server-side apply: the fields written are ours and as written, the rest is left alone. */
  public Applied apply(ClusterObject object, Apply how) throws ClusterException {
    return apply(object, how, "");
  }

  /** As {@link #apply}, of the object's {@code status}. */
  public Applied applyStatus(ClusterObject object, Apply how) throws ClusterException {
    return apply(object, how, "/status");
  }

  private Applied apply(ClusterObject object, Apply how, String part) throws ClusterException {
    ApiResource resource = kinds.require(object.kind());
    String path = path(object, resource);
    Optional<ObjectNode> before = rest.find(Rest.Call.get(path, "read " + object));
    ObjectNode after =
        rest.send(
            new Rest.Call(
                "PATCH",
                path
                    + part
                    + "?fieldManager="
                    + encoded(how.manager())
                    + "&force="
                    + how.force()
                    + (how.dryRun() ? "&dryRun=All" : ""),
                Optional.of(new Rest.Body(APPLY, object.tree())),
                "apply " + object));
    Applied.Outcome outcome;
    if (before.isEmpty()) {
      outcome = Applied.Outcome.CREATED;
    } else if (content(before.get()).equals(content(after))) {
      outcome = Applied.Outcome.UNCHANGED;
    } else {
      outcome = Applied.Outcome.CHANGED;
    }
    return new Applied(outcome, new ClusterObject(after));
  }

  /**
   * Removes an object; what it owns goes with it, after it.
   *
   * @return false where there was none
   */
  public boolean delete(ObjectKind kind, Optional<String> namespace, String name)
      throws ClusterException {
    Optional<ApiResource> resource = kinds.find(kind);
    return resource.isPresent()
        && rest.find(
                new Rest.Call(
                    "DELETE",
                    resource.get().path(namespace) + "/" + name + "?propagationPolicy=Background",
                    Optional.empty(),
                    "delete " + told(kind, namespace, name)))
            .isPresent();
  }

  private static String path(ClusterObject object, ApiResource resource) throws ClusterException {
    if (object.name().isEmpty()) {
      throw new ClusterException(Reason.INVALID, object.kind() + " has no metadata.name");
    }
    return resource.path(namespaceOf(object, resource)) + "/" + object.name();
  }

  private static Optional<String> namespaceOf(ClusterObject object, ApiResource resource)
      throws ClusterException {
    if (resource.namespaced() && object.namespace().isEmpty()) {
      throw new ClusterException(
          Reason.INVALID, object + " has no metadata.namespace; say which is meant");
    }
    return object.namespace();
  }

  /** Without what the server notes about each writing. */
  private static ObjectNode content(ObjectNode tree) {
    ObjectNode content = tree.deepCopy();
    if (content.path("metadata") instanceof ObjectNode metadata) {
      metadata.remove(List.of("managedFields", "resourceVersion", "generation"));
    }
    return content;
  }

  private static String told(ObjectKind kind, Optional<String> namespace, String name) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
    ObjectNode metadata = tree.putObject("metadata").put("name", name);
    namespace.ifPresent(value -> metadata.put("namespace", value));
    return new ClusterObject(tree).toString();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
