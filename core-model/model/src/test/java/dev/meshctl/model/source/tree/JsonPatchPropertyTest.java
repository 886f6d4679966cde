package dev.meshctl.model.source.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.source.yaml.YamlDocuments;
import dev.meshctl.model.source.yaml.YamlEdits;
import dev.meshctl.model.source.yaml.YamlTree;
import dev.meshctl.model.testkit.AppliedPatch;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Whatever two trees are: the patch, and the edited text, lead from one to the other. */
class JsonPatchPropertyTest {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @Property(tries = 500)
  void the_patch_leads_from_one_tree_to_the_other(
      @ForAll("objects") JsonNode before, @ForAll("objects") JsonNode after) {
    JsonNode patched = AppliedPatch.to(before, JsonPatch.between(before, after));

    assertThat(patched).isEqualTo(after);
    assertThat(JsonPatch.between(after, patched)).isEmpty();
  }

  @Property(tries = 500)
  void the_edited_text_says_the_other_tree(
      @ForAll("objects") JsonNode before, @ForAll("objects") JsonNode after) {
    String text = "# above\n" + YamlTree.block(before, 0, "\n") + "\n---\nkind: Other # kept\n";

    String edited = YamlEdits.apply(text, Map.of(0, after));

    assertThat(YamlDocuments.of("t", edited).roots().stream().map(YamlTree::of))
        .containsExactly(after, JSON.objectNode().put("kind", "Other"));
    assertThat(edited).startsWith("# above\n").endsWith("kind: Other # kept\n");
  }

  @Provide
  Arbitrary<JsonNode> objects() {
    return object(3).filter(object -> !object.isEmpty());
  }

  private static Arbitrary<JsonNode> object(int depth) {
    Arbitrary<String> keys = Arbitraries.of("name", "a", "b/c", "d~", "yes", "e f");
    return Arbitraries.maps(keys, value(depth - 1))
        .ofMaxSize(4)
        .map(fields -> {
          ObjectNode object = JSON.objectNode();
          fields.forEach(object::set);
          return object;
        });
  }

  private static Arbitrary<JsonNode> value(int depth) {
    Arbitrary<JsonNode> leaf =
        Arbitraries.oneOf(
            Arbitraries.of("x", "", "true", "1.0", "a: b", "#", "- x", "w\nv", "it's")
                .map(JSON::stringNode),
            Arbitraries.integers().between(-3, 30000).map(JSON::numberNode),
            Arbitraries.of(JSON.booleanNode(true), JSON.nullNode()));
    if (depth == 0) {
      return leaf;
    }
    Arbitrary<JsonNode> list =
        value(depth - 1).list().ofMaxSize(3).map(JsonPatchPropertyTest::array);
    Arbitrary<JsonNode> named = object(depth).list().ofMaxSize(3).map(JsonPatchPropertyTest::array);
    return Arbitraries.oneOf(leaf, object(depth), list, named);
  }

  private static ArrayNode array(List<JsonNode> items) {
    return JSON.arrayNode().addAll(items);
  }
}
