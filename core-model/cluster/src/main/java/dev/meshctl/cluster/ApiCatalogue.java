package dev.meshctl.cluster;

import dev.meshctl.cluster.ClusterException.Reason;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which kinds the cluster has and where its objects are found. What it has is asked once; what it
 * has not is asked again, for kinds come with their CRDs.
 *
 * <p>Thread: any.
 */
public final class ApiCatalogue {
  private final Rest rest;
  private final Map<String, Map<String, ApiResource>> known = new ConcurrentHashMap<>();

  ApiCatalogue(Rest rest) {
    this.rest = rest;
  }

  /**
   * @param plural as in paths and roles
   */
  public record ApiResource(ObjectKind kind, String plural, boolean namespaced) {
    /** Of a collection: {@code apis/apps/v1/namespaces/shop/deployments}. */
    String path(Optional<String> namespace) {
      String version =
          kind.group().isEmpty() ? "api/" + kind.apiVersion() : "apis/" + kind.apiVersion();
      return version
          + (namespaced ? namespace.map(name -> "/namespaces/" + name).orElse("") : "")
          + "/"
          + plural;
    }
  }

  /** Empty where the cluster has no such kind now. */
  public Optional<ApiResource> find(ObjectKind kind) throws ClusterException {
    Map<String, ApiResource> version = known.get(kind.apiVersion());
    if (version == null || !version.containsKey(kind.kind())) {
      version = discover(kind.apiVersion());
      known.put(kind.apiVersion(), version);
    }
    return Optional.ofNullable(version.get(kind.kind()));
  }

  ApiResource require(ObjectKind kind) throws ClusterException {
    return find(kind)
        .orElseThrow(() ->
            new ClusterException(
                Reason.NOT_FOUND,
                "the cluster has no kind "
                    + kind.kind()
                    + " in "
                    + kind.apiVersion()
                    + "; install its CRDs"));
  }

  /** Every version of every group that the cluster serves now, {@code v1} among them. */
  public Set<String> versions() throws ClusterException {
    Set<String> versions = new HashSet<>(Set.of("v1"));
    ObjectNode groups = rest.send(Rest.Call.get("apis", "ask for the groups of kinds"));
    for (JsonNode group : groups.path("groups")) {
      for (JsonNode version : group.path("versions")) {
        versions.add(version.path("groupVersion").asString(""));
      }
    }
    return versions;
  }

  /** The kinds of a version as they are now. */
  public Map<String, ApiResource> discover(String apiVersion) throws ClusterException {
    String path = apiVersion.contains("/") ? "apis/" + apiVersion : "api/" + apiVersion;
    Optional<ObjectNode> found =
        rest.find(Rest.Call.get(path, "ask for the kinds of " + apiVersion));
    Map<String, ApiResource> resources = new TreeMap<>();
    if (found.isPresent()) {
      for (JsonNode entry : found.get().path("resources")) {
        String plural = entry.path("name").asString("");
        String kind = entry.path("kind").asString("");
        if (!plural.contains("/") && !plural.isEmpty()) {
          resources.put(
              kind,
              new ApiResource(
                  new ObjectKind(apiVersion, kind),
                  plural,
                  entry.path("namespaced").asBoolean(false)));
        }
      }
    }
    return Map.copyOf(resources);
  }
}
