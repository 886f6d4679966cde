package dev.meshctl.cluster;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An object as the API has it, or is to have it.
 *
 * @param tree JSON; its holder does not change it ({@link ObjectNode#deepCopy} first)
 */
public record ClusterObject(ObjectNode tree) {
  public ClusterObject {
    if (text(tree.path("apiVersion")).isEmpty() || text(tree.path("kind")).isEmpty()) {
      throw new IllegalArgumentException("an object without apiVersion and kind: " + tree);
    }
  }

  public ObjectKind kind() {
    return new ObjectKind(text(tree.path("apiVersion")), text(tree.path("kind")));
  }

  public String name() {
    return text(metadata("name"));
  }

  /** Empty for what belongs to the whole cluster. */
  public Optional<String> namespace() {
    return Optional.of(text(metadata("namespace"))).filter(value -> !value.isEmpty());
  }

  /** Empty for what the API has not seen. */
  public String resourceVersion() {
    return text(metadata("resourceVersion"));
  }

  /** Empty for what the API has not seen. */
  public String uid() {
    return text(metadata("uid"));
  }

  public Map<String, String> labels() {
    return strings(metadata("labels"));
  }

  public Map<String, String> annotations() {
    return strings(metadata("annotations"));
  }

  /** True once it is to go and waits for its finalizers. */
  public boolean isBeingDeleted() {
    return !text(metadata("deletionTimestamp")).isEmpty();
  }

  /** {@code Service shop/cart}, {@code Namespace shop}. */
  @Override
  public String toString() {
    return kind() + " " + namespace().map(namespace -> namespace + "/").orElse("") + name();
  }

  private JsonNode metadata(String field) {
    return tree.path("metadata").path(field);
  }

  private static String text(JsonNode node) {
    return node.isString() ? node.stringValue() : "";
  }

  private static Map<String, String> strings(JsonNode node) {
    Map<String, String> strings = new TreeMap<>();
    node.forEachEntry((key, value) -> strings.put(key, text(value)));
    return strings;
  }
}
