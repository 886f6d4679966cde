package dev.meshctl.cluster.reading;

import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterException.Reason;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ObjectKind;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.ObjectReader;
import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.source.SourceFile;
import dev.meshctl.model.source.kinds.KindCatalogue.Readable;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.ObjectwiseValidator.Candidate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * What a mesh reads of a cluster, asked once, for commands that set a folder beside it.
 *
 * @param contents each object as a file of its own, named {@code cluster/NAMESPACE/KIND/NAME}, as
 *     its author would have written it: without what the server notes. Secrets are without text
 * @param candidates for {@code ObjectwiseValidator}
 * @param findings kinds that this user may not read
 */
public record ClusterReading(
    FolderContents contents, List<Candidate> candidates, List<Diagnostic> findings) {
  /** Written by the server, and by nobody's hand. */
  private static final List<String> SERVERS_NOTES =
      List.of("managedFields", "resourceVersion", "uid", "generation", "selfLink");

  /** As the reader of folders has it. */
  private static final String DEFAULT_NAMESPACE = "default";

  private static final String APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  /** Their status says who answers where. */
  private static final Set<String> TOLD_BY_STATUS =
      Set.of("Pod", "Node", "Service", "WorkloadEntry", "Namespace");

  public ClusterReading {
    candidates = List.copyOf(candidates);
    findings = List.copyOf(findings);
  }

  /**
   * Reads every kind that the cluster has and this user may read.
   *
   * @throws ClusterException where the cluster does not answer
   */
  public static ClusterReading of(ClusterConnection connection) throws ClusterException {
    Gatherer gatherer = new Gatherer(connection);
    for (Readable kind : MeshKinds.whole()) {
      gatherer.take(kind.group(), kind.kind(), kind.versions(), "");
    }
    gatherer.take("", MeshKinds.SECRET, List.of("v1"), "type=kubernetes.io/tls");
    List<? extends MeshResource> naming =
        gatherer.resources.stream().map(Located::resource).filter(MeshKinds::names).toList();
    for (String name : MeshKinds.secrets(naming)) {
      gatherer.take("", MeshKinds.SECRET, List.of("v1"), "metadata.name=" + name);
    }
    for (String name : MeshKinds.configMaps(naming)) {
      gatherer.take("", MeshKinds.CONFIG_MAP, List.of("v1"), "metadata.name=" + name);
    }
    return gatherer.reading();
  }

  /** With a folder's objects in the place of those that it has; places are the folder's. */
  public ClusterReading with(FolderContents above) {
    Map<ResourceId, Candidate> byId = new LinkedHashMap<>();
    candidates.forEach(each -> byId.put(each.id(), each));
    for (Located<? extends MeshResource> located : above.documents().resources()) {
      ResourceId id = located.resource().id();
      byId.put(
          id,
          new Candidate(
              id,
              located.at("").source(),
              Map.of(),
              List.of(located),
              above.documents().diagnostics().stream()
                  .filter(finding -> finding.subject().equals(id.toString()))
                  .toList()));
    }
    return new ClusterReading(contents, List.copyOf(byId.values()), findings);
  }

  /**
   * As the cluster would be with a folder's documents applied. The API server says so, by a dry
   * run; where this user may not apply, or the namespace is not there yet, the document as it is.
   *
   * @throws ClusterException {@link Reason#INVALID} where the API server would refuse one
   */
  public FolderContents applied(ClusterConnection connection, FolderContents above)
      throws ClusterException {
    Gatherer gatherer = new Gatherer(connection);
    for (SourceFile file : above.files()) {
      try (MappingIterator<JsonNode> documents =
          new YAMLMapper().readerFor(JsonNode.class).readValues(file.text())) {
        while (documents.hasNext()) {
          if (documents.next() instanceof ObjectNode tree
              && tree.path("kind").isString()
              && tree.path("apiVersion").isString()) {
            gatherer.take(merged(connection, new ClusterObject(tree)));
          }
        }
      }
    }
    Set<ResourceId> replaced = new HashSet<>();
    gatherer.resources.forEach(located -> replaced.add(located.resource().id()));
    List<SourceFile> files = new ArrayList<>(contents.files());
    files.removeIf(file -> gatherer.taken.contains(file.name()));
    files.addAll(gatherer.files);
    List<Located<? extends MeshResource>> resources =
        new ArrayList<>(contents.documents().resources());
    resources.removeIf(located -> replaced.contains(located.resource().id()));
    resources.addAll(gatherer.resources);
    return new FolderContents(
        contents.folder(), files, new ParsedDocuments(resources, gatherer.diagnostics));
  }

  private static ClusterObject merged(ClusterConnection connection, ClusterObject object)
      throws ClusterException {
    ClusterObject complete = object;
    if (object.namespace().isEmpty() && connection.objects().isNamespaced(object.kind())) {
      ObjectNode tree = object.tree().deepCopy();
      ((ObjectNode) tree.path("metadata")).put("namespace", DEFAULT_NAMESPACE);
      complete = new ClusterObject(tree);
    }
    try {
      return connection.objects().preview(complete);
    } catch (ClusterException refused) {
      return switch (refused.reason()) {
        case FORBIDDEN, NOT_FOUND -> complete;
        default -> throw refused;
      };
    }
  }

  private static final class Gatherer {
    private final ClusterConnection connection;
    private final List<SourceFile> files = new ArrayList<>();
    private final List<Located<? extends MeshResource>> resources = new ArrayList<>();
    private final List<Diagnostic> diagnostics = new ArrayList<>();
    private final List<Candidate> candidates = new ArrayList<>();
    private final List<Diagnostic> findings = new ArrayList<>();
    private final Set<String> taken = new TreeSet<>();

    Gatherer(ClusterConnection connection) {
      this.connection = connection;
    }

    void take(String group, String kind, List<String> versions, String fieldSelector)
        throws ClusterException {
      for (String version : versions) {
        ObjectKind full = new ObjectKind(group.isEmpty() ? version : group + "/" + version, kind);
        if (!connection.objects().has(full)) {
          continue;
        }
        try {
          connection.objects().selected(full, fieldSelector).forEach(this::take);
        } catch (ClusterException failed) {
          if (failed.reason() != Reason.FORBIDDEN) {
            throw failed;
          }
          findings.add(ClusterSource.notPermitted(connection.objects().plural(full)));
        }
        return;
      }
    }

    private void take(ClusterObject object) {
      String source = ReadObjects.source(object);
      if (!taken.add(source)) {
        return;
      }
      ObjectNode plain = plain(object);
      candidates.add(ReadObjects.read(source, new ClusterObject(plain)));
      ParsedDocuments read = ObjectReader.read(source, plain);
      resources.addAll(read.resources());
      diagnostics.addAll(read.diagnostics());
      String text = object.kind().kind().equals(MeshKinds.SECRET) ? "" : ObjectReader.text(plain);
      files.add(new SourceFile(source, Path.of(source), text, FolderSource.sha256(text)));
    }

    private static ObjectNode plain(ClusterObject object) {
      ObjectNode plain = object.tree().deepCopy();
      if (plain.path("metadata") instanceof ObjectNode metadata) {
        metadata.remove(SERVERS_NOTES);
        if (metadata.path("annotations") instanceof ObjectNode annotations) {
          annotations.remove(APPLIED);
          if (annotations.isEmpty()) {
            metadata.remove("annotations");
          }
        }
      }
      if (!TOLD_BY_STATUS.contains(object.kind().kind())) {
        plain.remove("status");
      }
      return plain;
    }

    ClusterReading reading() {
      return new ClusterReading(
          new FolderContents(
              Path.of(connection.name()), files, new ParsedDocuments(resources, diagnostics)),
          candidates,
          findings);
    }
  }
}
