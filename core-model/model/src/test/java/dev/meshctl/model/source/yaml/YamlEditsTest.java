package dev.meshctl.model.source.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class YamlEditsTest {
  private static final JsonMapper JSON = new JsonMapper();

  @Test
  void what_is_added_stands_in_the_style_of_its_place_and_comments_stay() {
    String text =
        """
        # a pod
        metadata:
          labels: {app: web} # short
          annotations:
        spec:
          # before ours
          initContainers:
          # the user's first
          - name: migrate
            image: "migrate:1" # pinned
          containers: [{name: web}]
        """;

    String edited =
        edited(
            text,
            object -> {
              at(object, "/metadata/labels").put("mesh", "yes");
              at(object, "/metadata").set("annotations", JSON.readTree("{\"a/b\":\"{}\"}"));
              ArrayNode init = (ArrayNode) object.at("/spec/initContainers");
              init.insert(0, JSON.readTree("{\"name\":\"proxy\",\"args\":[\"a\",\"b\"]}"));
              ((ObjectNode) init.get(1)).put("tty", true);
              at(object, "/spec").putArray("volumes").addObject().put("name", "tmp");
            });

    assertThat(edited)
        .isEqualTo(
            """
            # a pod
            metadata:
              labels: {app: web, mesh: "yes"} # short
              annotations:
                a/b: "{}"
            spec:
              # before ours
              initContainers:
              - name: proxy
                args:
                - a
                - b
              # the user's first
              - name: migrate
                image: "migrate:1" # pinned
                tty: true
              containers: [{name: web}]
              volumes:
              - name: tmp
            """);
  }

  @Test
  void a_document_whose_anchor_is_shared_is_written_anew_and_the_others_stay() {
    String text =
        """
        kind: Other # stays
        ---
        a: &shared # lost
          x: 1
        b: *shared
        """;

    String edited =
        YamlEdits.apply(
            text, Map.of(1, JSON.readTree("{\"a\":{\"x\":1,\"z\":2},\"b\":{\"x\":1}}")));

    assertThat(edited)
        .isEqualTo(
            """
            kind: Other # stays
            ---
            a:
              x: 1
              z: 2
            b:
              x: 1
            """);
  }

  @Test
  void json_stays_json() {
    String edited = edited("{\"kind\": \"Pod\"}\n", object -> object.put("spec", 1));

    assertThat(JSON.readTree(edited)).isEqualTo(JSON.readTree("{\"kind\":\"Pod\",\"spec\":1}"));
  }

  private static String edited(String text, Consumer<ObjectNode> change) {
    JsonNode tree = YamlTree.of(YamlDocuments.of("t", text).roots().getFirst());
    change.accept((ObjectNode) tree);
    return YamlEdits.apply(text, Map.of(0, tree));
  }

  private static ObjectNode at(ObjectNode object, String pointer) {
    return (ObjectNode) object.at(pointer);
  }
}
