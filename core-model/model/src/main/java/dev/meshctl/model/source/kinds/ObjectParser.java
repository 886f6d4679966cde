package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.ConfigMap;
import dev.meshctl.model.resource.MeshConfig;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.Position;
import dev.meshctl.model.source.yaml.NestedText;
import dev.meshctl.model.source.yaml.ResourceContext;
import dev.meshctl.model.source.yaml.YamlDocuments;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.Suggestion;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Objects of one source, one after the other; a {@code List} or {@code PodList} is each of its
 * items.
 */
public final class ObjectParser {
  private static final String DEFAULT_NAMESPACE = "default";
  private static final String LIST = "List";

  /** Without a field of theirs they may permit more than was meant. */
  private static final Set<String> RESTRICTING =
      Set.of("AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication");

  private final String sourceName;
  private final boolean served;
  private final List<Located<? extends MeshResource>> resources = new ArrayList<>();
  private final List<Diagnostic> diagnostics = new ArrayList<>();

  /** Of what people have written. */
  public ObjectParser(String sourceName) {
    this(sourceName, false);
  }

  private ObjectParser(String sourceName, boolean served) {
    this.sourceName = sourceName;
    this.served = served;
  }

  /** Of what an API server has accepted: it knew every field. */
  public static ObjectParser ofServed(String sourceName) {
    return new ObjectParser(sourceName, true);
  }

  public List<Located<? extends MeshResource>> resources() {
    return List.copyOf(resources);
  }

  public List<Diagnostic> diagnostics() {
    return List.copyOf(diagnostics);
  }

  /** Takes one document. */
  public void accept(Node document) {
    accept(document, Optional.empty());
  }

  /** What the items of a list of one kind ({@code PodList}) are, which do not say so themselves. */
  private record ListOf(String apiVersion, String kind) {
    static final ListOf ANY = new ListOf("", "");
  }

  private void accept(Node document, Optional<ListOf> list) {
    if (!(document instanceof MappingNode mapping)) {
      reportNotAnObject(document, "a document is not a mapping (expected: an object)");
      return;
    }
    Optional<ListOf> items = listOf(mapping);
    if (items.isPresent()) {
      acceptItems(mapping, items.get(), list.isPresent());
      return;
    }
    String kind = scalar(mapping, "kind");
    String apiVersion = scalar(mapping, "apiVersion");
    if (kind.isEmpty() && apiVersion.isEmpty() && list.isPresent()) {
      kind = list.get().kind();
      apiVersion = list.get().apiVersion();
    }
    if (apiVersion.isEmpty() || kind.isEmpty()) {
      String missing = apiVersion.isEmpty() ? "apiVersion" : "kind";
      reportNotAnObject(document, "has no " + missing + " (expected: apiVersion, kind, metadata)");
      return;
    }
    Optional<KindCatalogue.Kind> found = KindCatalogue.find(apiVersion, kind);
    if (found.isEmpty()) {
      reportUnknown(mapping, apiVersion, kind);
      return;
    }
    switch (found.get()) {
      case KindCatalogue.Kind.NotApplied(var effect) -> reportNotApplied(mapping, kind, effect);
      case KindCatalogue.Kind.Read read -> parse(mapping, apiVersion, kind, read);
    }
  }

  private void parse(
      MappingNode mapping, String apiVersion, String kind, KindCatalogue.Kind.Read read) {
    ResourceContext context = new ResourceContext(sourceName);
    YamlObject root = context.root(mapping).ignore("apiVersion", "kind", "status");
    int slash = apiVersion.indexOf('/');
    String instead = read.deprecated().get(apiVersion.substring(slash + 1));
    if (instead != null) {
      root.report(
          DiagnosticCode.DEPRECATED_VERSION,
          "apiVersion",
          "'" + apiVersion + "' is deprecated",
          "write apiVersion: " + apiVersion.substring(0, slash + 1) + instead);
    }
    Metadata metadata = metadata(root, read.namespaced());
    MeshResource resource = read.parser().parse(metadata, root);
    String subject = metadata.name().isEmpty() ? kind : resource.id().toString();
    List<Diagnostic> findings = context.finish(subject);
    if (served && !RESTRICTING.contains(kind)) {
      findings = findings.stream().map(ObjectParser::asServed).toList();
    }
    diagnostics.addAll(findings);
    if (findings.stream().noneMatch(f -> f.severity() == Diagnostic.Severity.ERROR)) {
      resources.add(new Located<>(resource, context.fields()));
    }
    if (resource instanceof ConfigMap && metadata.name().equals(MeshConfigParser.NAME)) {
      value(mapping, "data")
          .filter(MappingNode.class::isInstance)
          .flatMap(data -> value((MappingNode) data, MeshConfigParser.KEY))
          .filter(ScalarNode.class::isInstance)
          .ifPresent(text -> parseMesh(new NestedText(sourceName, (ScalarNode) text), metadata));
    }
  }

  private static Diagnostic asServed(Diagnostic finding) {
    return finding.code().equals(DiagnosticCode.UNKNOWN_FIELD.code())
        ? DiagnosticCode.FIELD_NOT_APPLIED.at(
            finding.subject(),
            finding.position(),
            finding.field(),
            "is not known to this version and not applied")
        : finding;
  }

  /** The MeshConfig that a ConfigMap holds. */
  private void parseMesh(NestedText text, Metadata metadata) {
    YamlDocuments documents = YamlDocuments.of(sourceName, text.text());
    documents.diagnostics().stream()
        .map(finding -> finding.at(text.inFile(finding.position())))
        .forEach(diagnostics::add);
    for (Node document : documents.roots()) {
      if (!(document instanceof MappingNode mesh)) {
        continue;
      }
      ResourceContext context = new ResourceContext(sourceName, text::inFile);
      MeshConfig resource = MeshConfigParser.mesh(metadata, context.root(mesh));
      diagnostics.addAll(context.finish(resource.id().toString()));
      resources.add(new Located<>(resource, context.fields()));
    }
  }

  private static Metadata metadata(YamlObject root, boolean namespaced) {
    Optional<YamlObject> written = root.requiredObject("metadata");
    if (written.isEmpty()) {
      return new Metadata(namespaced ? DEFAULT_NAMESPACE : "", "", Map.of(), Map.of());
    }
    YamlObject metadata = written.get();
    metadata.ignore(
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "finalizers",
        "generateName",
        "generation",
        "managedFields",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid");
    String name = metadata.requiredText("name");
    String namespace = metadata.text("namespace").orElse(DEFAULT_NAMESPACE);
    Names.checkSubdomain(metadata, "name", name);
    Names.checkLabel(metadata, "namespace", namespace);
    return new Metadata(
        namespaced ? namespace : "",
        name,
        metadata.textMap("labels"),
        metadata.textMap("annotations"),
        created(metadata));
  }

  /** Quoted or not: YAML has no time of its own here. */
  private static Optional<Instant> created(YamlObject metadata) {
    Optional<String> written = metadata.text("creationTimestamp");
    try {
      return written.map(Instant::parse);
    } catch (DateTimeParseException e) {
      metadata.report(
          DiagnosticCode.UNKNOWN_VALUE,
          "creationTimestamp",
          "'" + written.orElse("") + "' (expected: a time such as 2026-11-28T22:00:00Z)");
      return Optional.empty();
    }
  }

  private void reportUnknown(MappingNode mapping, String apiVersion, String kind) {
    String written = apiVersion + " " + kind;
    diagnostics.add(
        DiagnosticCode.UNKNOWN_KIND.at(
            subject(kind, mapping),
            at(mapping, "kind"),
            "kind",
            "'" + written + "' is unknown",
            Suggestion.fix(written, KindCatalogue.all(), DiagnosticCode.UNKNOWN_KIND.fix())));
  }

  private void reportNotApplied(MappingNode mapping, String kind, String effect) {
    diagnostics.add(
        DiagnosticCode.KIND_NOT_APPLIED.at(
            subject(kind, mapping),
            at(mapping, "kind"),
            "kind",
            kind + " is not applied" + effect));
  }

  private Position at(MappingNode mapping, String key) {
    return YamlDocuments.at(sourceName, value(mapping, key).orElse(mapping));
  }

  private void acceptItems(MappingNode list, ListOf what, boolean nested) {
    Optional<Node> items = value(list, "items");
    if (nested || !(items.orElse(null) instanceof SequenceNode sequence)) {
      reportNotAnObject(list, "is a List without a list of items (expected: items: [...])");
      return;
    }
    sequence.getValue().forEach(item -> accept(item, Optional.of(what)));
  }

  private void reportNotAnObject(Node node, String problem) {
    diagnostics.add(
        DiagnosticCode.NOT_AN_OBJECT.at(
            sourceName, YamlDocuments.at(sourceName, node), "", problem));
  }

  private static String subject(String kind, MappingNode mapping) {
    String name =
        value(mapping, "metadata")
            .filter(MappingNode.class::isInstance)
            .map(metadata -> scalar((MappingNode) metadata, "name"))
            .orElse("");
    return name.isEmpty() ? kind : kind + " " + name;
  }

  private static Optional<ListOf> listOf(MappingNode mapping) {
    String kind = scalar(mapping, "kind");
    String apiVersion = scalar(mapping, "apiVersion");
    if (!kind.endsWith(LIST)) {
      return Optional.empty();
    }
    String of = kind.substring(0, kind.length() - LIST.length());
    if (of.isEmpty()) {
      return apiVersion.equals("v1") ? Optional.of(ListOf.ANY) : Optional.empty();
    }
    return KindCatalogue.find(apiVersion, of).map(found -> new ListOf(apiVersion, of));
  }

  private static String scalar(MappingNode mapping, String key) {
    return value(mapping, key)
        .filter(ScalarNode.class::isInstance)
        .map(found -> ((ScalarNode) found).getValue())
        .orElse("");
  }

  private static Optional<Node> value(MappingNode mapping, String key) {
    for (NodeTuple tuple : mapping.getValue()) {
      if (tuple.getKeyNode() instanceof ScalarNode scalar && scalar.getValue().equals(key)) {
        return Optional.of(tuple.getValueNode());
      }
    }
    return Optional.empty();
  }
}
