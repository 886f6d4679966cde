package dev.meshctl.model.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.Diagnostic.Severity;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class ObjectReaderTest {
  /** As {@code kubectl get -o yaml} prints it: keys in order, lists not indented. */
  private static final String PRINTED =
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata:
        annotations:
          example.com/note: |
            first line
            second line
          example.com/other: plain
        labels: {}
        name: cart
        namespace: shop
      spec:
        hosts:
        - cart
        http:
        - match:
          - headers:
              end-user:
                exact: jason
            uri:
              prefix: /a
          retries:
            attempts: 3
          route:
          - destination:
              host: cart
              subset: v1
            weight: 90
          - destination:
              host: cart
              subset: v2
            weight: 10
        - route:
          - destination:
              host: cart
      """;

  @Test
  void an_object_reads_as_its_printed_yaml_does_with_every_place() {
    ParsedDocuments printed = YamlReader.read("x", PRINTED);
    ParsedDocuments served = ObjectReader.read("x", tree(PRINTED));

    assertThat(printed.diagnostics()).isEmpty();
    assertThat(served).isEqualTo(printed);
  }

  @Test
  void the_text_of_an_object_reads_back_as_the_object_with_the_same_places() {
    assertThat(ObjectReader.text(tree(PRINTED))).isEqualTo(PRINTED);
    for (String value :
        List.of(
            "plain",
            "true",
            "Yes",
            "null",
            "~",
            "1.0",
            "2026-01-01",
            "- x",
            "a: b",
            "#c",
            "",
            " x",
            "%s",
            "ends:",
            "first\nsecond",
            "first\nsecond\n",
            "kept\n\n",
            " indented\nnot",
            "\nempty first",
            "tab\tin",
            "quote\"'",
            "bell\u0007",
            "{x}",
            "*a",
            "@b",
            "0x1f")) {
      ObjectNode object = (ObjectNode) tree(PRINTED);
      ((ObjectNode) object.path("metadata"))
          .putObject("annotations")
          .put("x", value)
          .put("z", "last");
      ParsedDocuments read = YamlReader.read("x", ObjectReader.text(object));
      assertThat(read.diagnostics()).as(value).isEmpty();
      if (value.indexOf('\u0007') < 0) {
        assertThat(read).as(value).isEqualTo(ObjectReader.read("x", object));
      }
    }
  }

  @Test
  void a_mesh_config_within_a_config_map_is_found_at_its_lines() {
    String map =
        """
        apiVersion: v1
        data:
          mesh: |
            enableTracing: false
            accessLogFile: [wrong]
        kind: ConfigMap
        metadata:
          name: istio
          namespace: istio-system
        """;
    assertThat(ObjectReader.read("x", tree(map))).isEqualTo(YamlReader.read("x", map));
    assertThat(ObjectReader.read("x", tree(map)).diagnostics())
        .extracting(d -> d.position().line())
        .contains(5);
  }

  @Test
  void wrong_values_are_told_as_in_files() {
    String broken = PRINTED.replace("weight: 90", "weight: many");
    List<Diagnostic> found = ObjectReader.read("x", tree(broken)).diagnostics();

    assertThat(found).isEqualTo(YamlReader.read("x", broken).diagnostics());
    assertThat(found).singleElement().satisfies(d -> assertThat(d.code()).isEqualTo("MESH0009"));
  }

  @Test
  void a_field_that_a_newer_schema_has_is_told_and_the_rest_counts() {
    ParsedDocuments served =
        ObjectReader.read("x", tree(PRINTED.replace("  hosts:", "  someday: 1\n  hosts:")));

    assertThat(served.resources()).hasSize(1);
    assertThat(served.diagnostics())
        .singleElement()
        .satisfies(d -> {
          assertThat(d.code()).isEqualTo("MESH0007");
          assertThat(d.severity()).isEqualTo(Severity.WARNING);
          assertThat(d.field()).isEqualTo("spec.someday");
        });
  }

  @Test
  void a_policy_with_an_unknown_field_does_not_count_for_it_may_permit_too_much() {
    ParsedDocuments served =
        ObjectReader.read(
            "x",
            tree(
                """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: a, namespace: shop}
                spec:
                  rules:
                  - from: []
                    onlyOnFridays: true
                """));

    assertThat(served.resources()).isEmpty();
    assertThat(served.diagnostics()).anyMatch(d -> d.severity() == Severity.ERROR);
  }

  private static JsonNode tree(String yaml) {
    return new YAMLMapper().readTree(yaml);
  }
}
