package dev.meshctl.injector.mutation;

import dev.meshctl.model.source.Position;
import dev.meshctl.model.source.yaml.YamlDocuments;
import dev.meshctl.model.source.yaml.YamlEdits;
import dev.meshctl.model.source.yaml.YamlTree;
import dev.meshctl.model.validation.Diagnostic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.Node;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A text of YAML or JSON with its pods injected, comments kept as far as can be.
 *
 * @param text the whole of it, what was not injected as it was
 * @param documents the same as trees
 * @param outcomes of each object, in the order of the text; none where {@code errors} has any
 * @param errors where the text is no YAML
 */
public record InjectedText(
    String text, List<JsonNode> documents, List<Outcome> outcomes, List<Diagnostic> errors) {
  public InjectedText {
    documents = List.copyOf(documents);
    outcomes = List.copyOf(outcomes);
    errors = List.copyOf(errors);
  }

  /**
   * @param subject {@code Deployment shop/web}
   * @param position of its document
   */
  public record Outcome(String subject, Position position, Injection injection) {}

  /**
   * Who gives a file to the injector asks for sidecars, unless a Namespace of the same text says
   * something else.
   *
   * @param source names the text in positions
   * @param namespace of objects that name none
   */
  public static InjectedText of(
      String source, String text, String namespace, InjectionSettings settings) {
    YamlDocuments documents = YamlDocuments.of(source, text);
    if (!documents.diagnostics().isEmpty()) {
      return new InjectedText(text, List.of(), List.of(), documents.diagnostics());
    }
    List<JsonNode> trees = documents.roots().stream().map(YamlTree::of).toList();
    Map<String, NamespaceLabels> namespaces = namespaces(trees);
    List<JsonNode> after = new ArrayList<>();
    List<Outcome> outcomes = new ArrayList<>();
    Map<Integer, JsonNode> changed = new LinkedHashMap<>();
    for (int i = 0; i < trees.size(); i++) {
      Node root = documents.roots().get(i);
      Position position = YamlDocuments.at(source, root);
      JsonNode tree =
          injected(
              trees.get(i),
              object -> {
                String own = Trees.text(object.path("metadata"), "namespace");
                String name = own.isEmpty() ? namespace : own;
                NamespaceLabels labels =
                    namespaces.getOrDefault(name, NamespaceLabels.asking(name, settings));
                Injection injection = Injector.inject(object, labels, settings);
                boolean pods =
                    !(injection instanceof Injection.Skipped(var reason, var because)
                        && reason == Injection.Reason.NO_PODS);
                outcomes.add(new Outcome(subject(object, pods ? name : own), position, injection));
                return injection;
              });
      after.add(tree);
      if (!tree.equals(trees.get(i))) {
        changed.put(i, tree);
      }
    }
    return new InjectedText(YamlEdits.apply(text, changed), after, outcomes, List.of());
  }

  private interface Inject {
    Injection object(ObjectNode object);
  }

  /** An object, or a List of them. */
  private static JsonNode injected(JsonNode tree, Inject inject) {
    if (!(tree instanceof ObjectNode object)) {
      return tree;
    }
    if (Trees.text(object, "kind").endsWith("List") && object.path("items") instanceof ArrayNode) {
      ObjectNode list = object.deepCopy();
      ArrayNode items = list.putArray("items");
      object.path("items").forEach(item -> items.add(injected(item, inject)));
      return list;
    }
    return switch (inject.object(object)) {
      case Injection.Injected(ObjectNode after, var warnings) -> after;
      case Injection.Skipped skipped -> object;
      case Injection.Refused refused -> object;
    };
  }

  private static Map<String, NamespaceLabels> namespaces(List<JsonNode> trees) {
    Map<String, NamespaceLabels> namespaces = new HashMap<>();
    for (JsonNode tree : trees) {
      Map<String, String> labels = Trees.texts(tree.path("metadata").path("labels"));
      boolean says =
          labels.containsKey(NamespaceLabels.INJECTION)
              || labels.containsKey(NamespaceLabels.REVISION);
      if (Trees.text(tree, "kind").equals("Namespace") && says) {
        String name = Trees.text(tree.path("metadata"), "name");
        namespaces.put(name, new NamespaceLabels(name, labels));
      }
    }
    return namespaces;
  }

  private static String subject(ObjectNode object, String namespace) {
    JsonNode metadata = object.path("metadata");
    String name = Trees.text(metadata, "name");
    return Trees.text(object, "kind")
        + " "
        + (namespace.isEmpty() ? "" : namespace + "/")
        + (name.isEmpty() ? Trees.text(metadata, "generateName") : name);
  }
}
