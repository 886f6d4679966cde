package dev.meshctl.cluster.reading;

import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.resource.Secret;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.ObjectReader;
import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.validation.ObjectwiseValidator.Candidate;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * The objects of a cluster as they were read; each once for each of its versions.
 *
 * <p>Thread: one at a time.
 */
final class ReadObjects {
  private static final Set<String> CORE_GROUPS = Set.of("", "apps", "batch", "discovery.k8s.io");

  private final Map<String, Known> known = new HashMap<>();

  private record Known(String resourceVersion, boolean steers, Candidate candidate) {}

  /** Takes an object; true where it is not as it was. */
  boolean put(ClusterObject object) {
    String source = source(object);
    Known before = known.get(source);
    if (before != null && before.resourceVersion.equals(object.resourceVersion())) {
      return false;
    }
    Candidate candidate = read(source, object);
    known.put(
        source,
        new Known(
            object.resourceVersion(), !CORE_GROUPS.contains(object.kind().group()), candidate));
    // A heartbeat of a Node, a condition of a Pod: another version, and nothing that counts.
    return before == null || !before.candidate.equals(candidate);
  }

  /** True where it was there. */
  boolean remove(ClusterObject object) {
    return known.remove(source(object)) != null;
  }

  /** Forgets all of a kind, in whatever version; true where there was one. */
  boolean removeAll(String group, String kind) {
    String part = part(group, kind);
    return known
        .keySet()
        .removeIf(source -> {
          String[] parts = source.split("/");
          return parts[parts.length - 2].equals(part);
        });
  }

  /** Forgets what was followed for its name alone and is named no more. */
  void forget(String kind, String name) {
    known
        .values()
        .removeIf(each ->
            each.candidate.id().kind().equals(kind)
                && each.candidate.id().name().equals(name)
                && each.candidate.resources().stream()
                    .noneMatch(located ->
                        located.resource() instanceof Secret secret
                            && secret.type().equals(Secret.TLS)));
  }

  List<Candidate> candidates() {
    return known.values().stream()
        .map(Known::candidate)
        .sorted(Comparator.comparing(Candidate::source))
        .toList();
  }

  List<? extends MeshResource> resources() {
    return known.values().stream()
        .flatMap(each -> each.candidate.resources().stream())
        .map(Located::resource)
        .filter(MeshKinds::names)
        .toList();
  }

  /** Of what people write to steer the mesh. */
  Map<String, String> versions() {
    Map<String, String> versions = new TreeMap<>();
    known.forEach((source, each) -> {
      if (each.steers) {
        versions.put(source, each.resourceVersion);
      }
    });
    return versions;
  }

  static Candidate read(String source, ClusterObject object) {
    ParsedDocuments read = ObjectReader.read(source, object.tree());
    ResourceId id =
        read.resources().isEmpty()
            ? new ResourceId(
                part(object.kind().group(), object.kind().kind()),
                object.namespace().orElse(""),
                object.name())
            : read.resources().getFirst().resource().id();
    Map<String, String> selector = new TreeMap<>();
    JsonNode written = object.tree().path("spec").path("selector").path("matchLabels");
    written.forEachEntry((key, value) -> selector.put(key, value.asString("")));
    return new Candidate(id, source, selector, read.resources(), read.diagnostics());
  }

  static String source(ClusterObject object) {
    String kind = part(object.kind().group(), object.kind().kind());
    return "cluster/"
        + object.namespace().map(namespace -> namespace + "/").orElse("")
        + kind
        + "/"
        + object.name();
  }

  /** As {@link ResourceId#kind()}: two groups have a Gateway. */
  private static String part(String group, String kind) {
    return kind.equals("Gateway") ? kind + "." + group : kind;
  }
}
